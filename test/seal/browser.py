#!/usr/bin/env python3
"""Opens verify.html in headless chromium and gives it bundles.

usage: browser.py PAGE BUNDLE... [--key KEY] [--shot PREFIX]

Prints for each bundle its state (holds or problems), a tab and its name, then
the lines of the page. Speaks the DevTools protocol over a pipe: no port is
opened. --shot writes PREFIX-WIDTH-SCHEME.png of the last one.
"""
import base64, json, os, signal, subprocess, sys, tempfile, time

def option(name):
    if name not in sys.argv:
        return None
    i = sys.argv.index(name)
    value = sys.argv[i + 1]
    del sys.argv[i:i + 2]
    return value

shot, key = option("--shot"), option("--key")
page, bundles = os.path.abspath(sys.argv[1]), sys.argv[2:]

class Browser:
    def __init__(self, home):
        r1, self.w = os.pipe()
        self.r, w1 = os.pipe()
        def wire():
            # 3 and 4 may be among the four: move them out of the way first.
            a, b = os.dup(r1), os.dup(w1)
            a, b = (os.dup(a) if a in (3, 4) else a), (os.dup(b) if b in (3, 4) else b)
            os.dup2(a, 3), os.dup2(b, 4)
            os.set_inheritable(3, True), os.set_inheritable(4, True)
        self.p = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
             "--disable-extensions", "--disable-background-networking", "--disable-dev-shm-usage",
             f"--user-data-dir={home}", "--remote-debugging-pipe", "about:blank"],
            preexec_fn=wire, close_fds=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)
        os.close(r1), os.close(w1)
        self.n, self.buf, self.session = 0, b"", None

    def call(self, method, **params):
        self.n += 1
        m = {"id": self.n, "method": method, "params": params}
        if self.session:
            m["sessionId"] = self.session
        os.write(self.w, json.dumps(m).encode() + b"\0")
        while True:
            while b"\0" not in self.buf:
                got = os.read(self.r, 1 << 16)
                if not got:
                    sys.exit("the browser ended")
                self.buf += got
            one, self.buf = self.buf.split(b"\0", 1)
            answer = json.loads(one)
            if answer.get("id") == self.n:
                if "error" in answer:
                    sys.exit(f"{method}: {answer['error']}")
                return answer["result"]

    def eval(self, js):
        return self.call("Runtime.evaluate", expression=js, returnByValue=True)["result"].get("value")

def go(b):
    target = b.call("Target.createTarget", url="file://" + page)["targetId"]
    b.session = b.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    end = time.monotonic() + 20
    while b.eval("document.readyState === 'complete' && !!document.getElementById('file')") is not True:
        if time.monotonic() > end:
            sys.exit("the page did not load")
        time.sleep(0.05)
    if key:
        b.eval(f"document.getElementById('key').value = {json.dumps(key)}")
    for bundle in bundles:
        b.eval("document.body.dataset.state = 'waiting'")
        root = b.call("DOM.getDocument")["root"]["nodeId"]
        node = b.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
        b.call("DOM.setFileInputFiles", nodeId=node, files=[])
        b.call("DOM.setFileInputFiles", nodeId=node, files=[os.path.abspath(bundle)])
        end = time.monotonic() + 60
        while (state := b.eval("document.body.dataset.state")) not in ("holds", "problems"):
            if time.monotonic() > end:
                sys.exit(f"{bundle}: the page did not end")
            time.sleep(0.02)
        print(f"{state}\t{bundle}")
        print(b.eval("[...document.querySelectorAll('#out li')].map(x => '  ' + x.className + ': ' + x.lastChild.textContent).join('\\n')"))
        print("  sum: " + b.eval("document.getElementById('sum').textContent"))
    for scheme in ("light", "dark") if shot else ():
        for width in 390, 1200:
            b.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
            b.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600)
            time.sleep(0.2)
            png = b.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
            open(f"{shot}-{width}-{scheme}.png", "wb").write(base64.b64decode(png))

with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
    b = Browser(home)
    try:
        go(b)
    finally:
        os.killpg(b.p.pid, signal.SIGKILL)
        b.p.wait()
