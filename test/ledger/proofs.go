// Check proofs with golang.org/x/mod/sumdb, which knows nothing of Tickmark.
//
// usage: proofs pairs MAX IN OUT
//
//	Leaf i is the text "leaf i". IN holds, for every size up to MAX, a proof
//	of each entry and of each earlier size, as records
//	    kind 'i' or 'c', two bytes a, two bytes size, one byte n, n hashes
//	(big-endian; a is the index or the old size). Each must be accepted. OUT
//	gets the library's own proofs in the same form and order.
//
// usage: proofs receipt FILE VKEY...
//
//	A receipt (C2SP tlog-proof) that holds its entry; cosignatures (type
//	0x04) are checked with the keys of that type.
//
// usage: proofs vectors DIR
//
//	Write the vectors of test/data/proof, from fixed seeds.
package main

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A tree in memory.
type tree struct{ hashes []tlog.Hash }

func (t *tree) ReadHashes(at []int64) ([]tlog.Hash, error) {
	var out []tlog.Hash
	for _, i := range at {
		out = append(out, t.hashes[i])
	}
	return out, nil
}

func (t *tree) add(i int64, data []byte) {
	h, err := tlog.StoredHashes(i, data, t)
	check(err)
	t.hashes = append(t.hashes, h...)
}

func (t *tree) root(n int64) tlog.Hash {
	h, err := tlog.TreeHash(n, t)
	check(err)
	return h
}

func put(w io.Writer, kind byte, a, size int64, p []tlog.Hash) {
	var head [6]byte
	head[0] = kind
	binary.BigEndian.PutUint16(head[1:], uint16(a))
	binary.BigEndian.PutUint16(head[3:], uint16(size))
	head[5] = byte(len(p))
	w.Write(head[:])
	for _, h := range p {
		w.Write(h[:])
	}
}

func get(r io.Reader, kind byte, a, size int64) []tlog.Hash {
	var head [6]byte
	_, err := io.ReadFull(r, head[:])
	check(err)
	if head[0] != kind || int64(binary.BigEndian.Uint16(head[1:])) != a ||
		int64(binary.BigEndian.Uint16(head[3:])) != size {
		log.Fatalf("%c %d %d was expected", kind, a, size)
	}
	p := make([]tlog.Hash, head[5])
	for i := range p {
		_, err := io.ReadFull(r, p[i][:])
		check(err)
	}
	return p
}

func pairs(max int64, in, out string) {
	f, err := os.Open(in)
	check(err)
	r := bufio.NewReader(f)
	g, err := os.Create(out)
	check(err)
	w := bufio.NewWriter(g)
	t := &tree{}
	var leaf []tlog.Hash
	count := 0
	for size := int64(1); size <= max; size++ {
		data := []byte(fmt.Sprintf("leaf %d", size-1))
		leaf = append(leaf, tlog.RecordHash(data))
		t.add(size-1, data)
		root := t.root(size)
		for i := int64(0); i < size; i++ {
			check(tlog.CheckRecord(get(r, 'i', i, size), size, root, i, leaf[i]))
			p, err := tlog.ProveRecord(size, i, t)
			check(err)
			put(w, 'i', i, size, p)
			count++
		}
		for m := int64(1); m <= size; m++ {
			check(tlog.CheckTree(get(r, 'c', m, size), size, root, m, t.root(m)))
			p, err := tlog.ProveTree(size, m, t)
			check(err)
			put(w, 'c', m, size, p)
			count++
		}
	}
	if _, err := r.ReadByte(); err != io.EOF {
		log.Fatal("there are more proofs")
	}
	check(w.Flush())
	check(g.Close())
	fmt.Printf("%d pairs\n", count)
}

// A key of C2SP tlog-cosignature, for the library's note.Open.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 72 {
		return false
	}
	t := binary.BigEndian.Uint64(sig)
	return ed25519.Verify(c.key, cosigned(msg, t), sig[8:])
}

func cosigned(msg []byte, t uint64) []byte {
	return append([]byte(fmt.Sprintf("cosignature/v1\ntime %d\n", t)), msg...)
}

func keyID(name string, kind byte, key []byte) uint32 {
	h := sha256.Sum256(append(append([]byte(name+"\n"), kind), key...))
	return binary.BigEndian.Uint32(h[:])
}

func vkey(name string, kind byte, key []byte) string {
	return fmt.Sprintf("%s+%08x+%s", name, keyID(name, kind, key),
		base64.StdEncoding.EncodeToString(append([]byte{kind}, key...)))
}

func verifier(s string) note.Verifier {
	part := strings.SplitN(s, "+", 3)
	if len(part) != 3 {
		log.Fatal("not a key: ", s)
	}
	raw, err := base64.StdEncoding.DecodeString(part[2])
	check(err)
	if raw[0] == 4 && len(raw) == 33 {
		if fmt.Sprintf("%08x", keyID(part[0], 4, raw[1:])) != part[1] {
			log.Fatal("the id of a key is wrong: ", s)
		}
		return cosigner{part[0], keyID(part[0], 4, raw[1:]), raw[1:]}
	}
	v, err := note.NewVerifier(s)
	check(err)
	return v
}

func receipt(file string, keys []string) {
	b, err := os.ReadFile(file)
	check(err)
	head, cp, ok := strings.Cut(string(b), "\n\n")
	if !ok {
		log.Fatal("no empty line")
	}
	lines := strings.Split(head, "\n")
	if len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" ||
		!strings.HasPrefix(lines[1], "extra ") || !strings.HasPrefix(lines[2], "index ") {
		log.Fatal("not a receipt")
	}
	entry, err := base64.StdEncoding.Strict().DecodeString(lines[1][6:])
	check(err)
	index, err := strconv.ParseInt(lines[2][6:], 10, 64)
	check(err)
	var proof tlog.RecordProof
	for _, l := range lines[3:] {
		h, err := tlog.ParseHash(l)
		check(err)
		proof = append(proof, h)
	}
	var vs []note.Verifier
	for _, k := range keys {
		vs = append(vs, verifier(k))
	}
	n, err := note.Open([]byte(cp), note.VerifierList(vs...))
	check(err)
	if len(n.Sigs) != len(keys) {
		log.Fatalf("%d of %d keys have signed", len(n.Sigs), len(keys))
	}
	line := strings.Split(n.Text, "\n")
	size, err := strconv.ParseInt(line[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(line[2])
	check(err)
	check(tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(entry)))
	fmt.Printf("%d of %d\n", index, size)
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// --- vectors -----------------------------------------------------------------

type signer struct {
	name string
	kind byte
	key  ed25519.PrivateKey
}

func newSigner(name string, kind, fill byte) signer {
	return signer{name, kind, ed25519.NewKeyFromSeed(bytes.Repeat([]byte{fill}, 32))}
}

func (s signer) public() []byte { return s.key.Public().(ed25519.PublicKey) }
func (s signer) vkey() string   { return vkey(s.name, s.kind, s.public()) }

// The signature line; t is the time of a cosignature.
func (s signer) line(text string, t uint64) string {
	var sig []byte
	switch s.kind {
	case 4:
		sig = binary.BigEndian.AppendUint64(nil, t)
		sig = append(sig, ed25519.Sign(s.key, cosigned([]byte(text), t))...)
	default:
		sig = ed25519.Sign(s.key, []byte(text))
	}
	return s.raw(sig)
}

func (s signer) raw(sig []byte) string {
	b := binary.BigEndian.AppendUint32(nil, keyID(s.name, s.kind, s.public()))
	return fmt.Sprintf("\u2014 %s %s\n", s.name, base64.StdEncoding.EncodeToString(append(b, sig...)))
}

func vectors(dir string) {
	write := func(name, text string) {
		check(os.WriteFile(filepath.Join(dir, name), []byte(text), 0644))
	}
	l := newSigner("ledger.example/a", 1, 1)
	other := newSigner("ledger.example/b", 1, 2)
	w1 := newSigner("witness.example/1", 4, 3)
	w2 := newSigner("witness.example/2", 4, 4)
	plain := newSigner("witness.example/1", 1, 3) // the same key, another type
	write("KEYS", l.vkey()+"\n"+w1.vkey()+"\n"+w2.vkey()+"\n")
	write("POLICY", "log "+l.vkey()+"\nwitness one "+w1.vkey()+"\nwitness two "+
		w2.vkey()+"\ngroup both all one two\nquorum both\n")

	t := &tree{}
	entry := func(i int64) []byte {
		return []byte(fmt.Sprintf("tickmark-entry/v1\ntime %d\nactor a\naction put\n"+
			"type thing\nid %d\nprev -\n", 1764028800000000+i, i))
	}
	const size = 42
	for i := int64(0); i < size; i++ {
		t.add(i, entry(i))
	}
	root := t.root(size)
	text := fmt.Sprintf("%s\n%d\n%s\n", l.name, size, root)
	const when = 1764028900
	sl, s1, s2 := l.line(text, 0), w1.line(text, when), w2.line(text, when+1)
	cp := text + "\n"

	// Notes: what the three keys make of them.
	write("cosigned.good", cp+sl+s1+s2)
	write("cosigned-first.good", cp+s2+sl+s1)
	write("cosigned-twice.good", cp+sl+s1+w1.line(text, when+9)+s2)
	write("time-zero.good", cp+sl+w1.line(text, 0)+s2)
	write("time-latest.good", cp+sl+w1.line(text, 1<<63-1)+s2)
	write("extension.good", func() string {
		x := text + "an extension\n"
		return x + "\n" + l.line(x, 0) + w1.line(x, when) + w2.line(x, when)
	}())
	write("unknown-too.good", cp+other.line(text, 0)+sl+s1+s2)
	write("unknown-type.good", cp+sl+s1+s2+signer{w1.name, 6, w1.key}.raw(make([]byte, 2428)))
	write("plain-beside.good", cp+sl+plain.line(text, 0)+s1+s2)
	write("one-only.short", cp+sl+s1)
	write("none.short", cp+sl)
	write("plain-instead.short", cp+sl+plain.line(text, 0)+s2)
	write("no-ledger.bad", cp+s1+s2)
	write("other-ledger.bad", cp+other.line(text, 0)+s1+s2)
	write("time-changed.bad", func() string {
		sig := binary.BigEndian.AppendUint64(nil, when+1)
		return cp + sl + s2 + w1.raw(append(sig, ed25519.Sign(w1.key, cosigned([]byte(text), when))...))
	}())
	write("time-negative.bad", func() string {
		sig := binary.BigEndian.AppendUint64(nil, 1<<63)
		return cp + sl + s2 + w1.raw(append(sig, ed25519.Sign(w1.key, cosigned([]byte(text), 1<<63))...))
	}())
	write("not-a-cosignature.bad", cp+sl+s2+w1.raw(ed25519.Sign(w1.key, []byte(text))))
	write("cosignature-of-the-note.bad", func() string {
		sig := binary.BigEndian.AppendUint64(nil, when)
		return cp + sl + s2 + w1.raw(append(sig, ed25519.Sign(w1.key, []byte(text))...))
	}())
	write("cosignature-too-long.bad", func() string {
		sig := binary.BigEndian.AppendUint64(nil, when)
		sig = append(sig, ed25519.Sign(w1.key, cosigned([]byte(text), when))...)
		return cp + sl + s2 + w1.raw(append(sig, 0))
	}())
	write("cosigned-other-text.bad", cp+sl+s1+w2.line(text+"x\n", when))
	write("second-is-wrong.bad", cp+sl+s1+s2+w1.line(text+"x\n", when))

	// Receipts.
	r := func(index int64) (head, proof string) {
		p, err := tlog.ProveRecord(size, index, t)
		check(err)
		for _, h := range p {
			proof += h.String() + "\n"
		}
		return "c2sp.org/tlog-proof@v1\nextra " + base64.StdEncoding.EncodeToString(entry(index)) + "\n", proof
	}
	note := cp + sl + s1 + s2
	h0, p0 := r(0)
	h41, p41 := r(41)
	h17, p17 := r(17)
	write("first.receipt", h0+"index 0\n"+p0+"\n"+note)
	write("last.receipt", h41+"index 41\n"+p41+"\n"+note)
	write("middle.receipt", h17+"index 17\n"+p17+"\n"+note)
	write("other-index.no", h17+"index 16\n"+p17+"\n"+note)
	write("index-beyond.no", h17+"index 42\n"+p17+"\n"+note)
	write("other-entry.no", h0+"index 17\n"+p17+"\n"+note)
	write("other-proof.no", h17+"index 17\n"+p0+"\n"+note)
	write("no-proof.no", h17+"index 17\n\n"+note)
	write("one-more.no", h17+"index 17\n"+p17+root.String()+"\n\n"+note)
	write("one-less.no", h17+"index 17\n"+p17[45:]+"\n"+note)
	write("turned.no", h17+"index 17\n"+p17[45:]+p17[:45]+"\n"+note)
	write("unsigned.no", h17+"index 17\n"+p17+"\n"+cp+s1+s2)
	write("other-size.no", h17+"index 17\n"+p17+"\n"+strings.Replace(note, "\n42\n", "\n43\n", 1))
	write("leading-zero.input", h17+"index 017\n"+p17+"\n"+note)
	write("plus.input", h17+"index +17\n"+p17+"\n"+note)
	write("no-index.input", h17+p17+"\n"+note)
	write("no-extra.input", "c2sp.org/tlog-proof@v1\nindex 17\n"+p17+"\n"+note)
	write("extra-twice.input", h17+h17[23:]+"index 17\n"+p17+"\n"+note)
	write("extra-empty.input", "c2sp.org/tlog-proof@v1\nextra \nindex 17\n"+p17+"\n"+note)
	write("extra-after.input", "c2sp.org/tlog-proof@v1\nindex 17\n"+h17[23:]+p17+"\n"+note)
	write("not-an-entry.input", "c2sp.org/tlog-proof@v1\nextra aGVsbG8=\nindex 17\n"+p17+"\n"+note)
	write("version.input", strings.Replace(h17, "@v1", "@v2", 1)+"index 17\n"+p17+"\n"+note)
	write("crlf.input", strings.Replace(h17+"index 17\n"+p17+"\n"+note, "\n", "\r\n", 2))
	write("no-empty-line.input", h17+"index 17\n"+p17+note)
	write("two-empty-lines.input", h17+"index 17\n"+p17+"\n\n"+note)
	write("space-after.input", h17+"index 17 \n"+p17+"\n"+note)
	write("hash-too-short.input", h17+"index 17\n"+p17[4:]+"\n"+note)
	write("no-signature.input", h17+"index 17\n"+p17+"\n"+text)
	write("cut.input", (h17 + "index 17\n" + p17 + "\n" + note)[:len(h17)+100])
	write("too-many.input", h17+"index 17\n"+strings.Repeat(root.String()+"\n", 64)+"\n"+note)
	write("empty.input", "")

	// Policies.
	logLine := "log " + l.vkey() + "\n"
	one, two := "witness one "+w1.vkey()+"\n", "witness two "+w2.vkey()+"\n"
	write("smallest.policy", "quorum none\n")
	write("one.policy", logLine+one+"quorum one\n")
	write("comments.policy", "# words\n\n \t# more\n"+logLine+"\t "+one+" quorum\tone \n")
	write("urls.policy", "log "+l.vkey()+" https://ledger.example/\nwitness one "+w1.vkey()+"\thttps://w.example\nquorum one\n")
	write("nested.policy", logLine+one+two+"group a any one\ngroup b 1 two\ngroup c all a b\nquorum c\n")
	write("after-the-quorum.policy", one+"quorum one\n"+two+logLine)
	write("octets.policy", "witness \xe2\x84\xaa\xff "+w1.vkey()+"\nquorum \xe2\x84\xaa\xff\n")
	write("keyword-names.policy", "witness group "+w1.vkey()+"\nwitness any "+w2.vkey()+"\ngroup all all group any\nquorum all\n")
	bad := func(name, text string) { write(name+".nopolicy", text) }
	bad("empty", "")
	bad("no-quorum", logLine+one)
	bad("two-quorums", one+"quorum one\nquorum none\n")
	bad("quorum-of-nobody", one+"quorum two\n")
	bad("quorum-before", "quorum one\n"+one)
	bad("quorum-of-two", one+two+"quorum one two\n")
	bad("no-line-feed", one+"quorum one")
	bad("crlf", "quorum none\r\n")
	bad("nul", "quorum none\n# \x00\n")
	bad("delete", "quorum none\n# \x7f\n")
	bad("unknown-word", "quorums none\n")
	bad("upper-case", "Quorum none\n")
	bad("log-twice", logLine+logLine+"quorum none\n")
	bad("log-twice-renamed", logLine+"log "+signer{"x", 1, l.key}.vkey()+"\nquorum none\n")
	bad("log-without-key", "log\nquorum none\n")
	bad("log-too-much", "log "+l.vkey()+" https://a https://b\nquorum none\n")
	bad("log-of-a-witness", "log "+w1.vkey()+"\nquorum none\n")
	bad("witness-of-a-log", "witness one "+l.vkey()+"\nquorum none\n")
	bad("witness-twice", one+"witness again "+w1.vkey()+"\nquorum none\n")
	bad("witness-renamed", one+"witness again "+signer{"x", 4, w1.key}.vkey()+"\nquorum none\n")
	bad("witness-name-twice", one+"witness one "+w2.vkey()+"\nquorum none\n")
	bad("witness-named-none", "witness none "+w1.vkey()+"\nquorum none\n")
	bad("witness-without-key", "witness one\nquorum none\n")
	bad("witness-unknown-type", "witness one "+vkey("x", 6, make([]byte, 1312))+"\nquorum none\n")
	bad("witness-wrong-id", "witness one "+strings.Replace(w1.vkey(), "+", "+0", 1)+"\nquorum none\n")
	bad("group-of-none", one+"group g any none\nquorum g\n")
	bad("group-of-nobody", one+"group g any\nquorum g\n")
	bad("group-of-strangers", one+"group g any two\nquorum g\n")
	bad("group-of-itself", one+"group g any g\nquorum g\n")
	bad("group-forward", one+"group g any h\ngroup h any one\nquorum g\n")
	bad("group-name-taken", one+"group one any one\nquorum one\n")
	bad("group-without-k", one+"group g one\nquorum g\n")
	bad("group-zero", one+"group g 0 one\nquorum g\n")
	bad("group-too-many", one+two+"group g 3 one two\nquorum g\n")
	bad("group-leading-zero", one+"group g 01 one\nquorum g\n")
	bad("group-huge", one+"group g 18446744073709551617 one\nquorum g\n")
	bad("member-twice", one+two+"group g 2 one one\nquorum g\n")
	bad("member-of-two", one+two+"group g any one\ngroup h any one two\nquorum h\n")
}

func main() {
	log.SetFlags(0)
	if len(os.Args) < 3 {
		check(errors.New("usage: see the source"))
	}
	switch os.Args[1] {
	case "pairs":
		max, err := strconv.ParseInt(os.Args[2], 10, 64)
		check(err)
		pairs(max, os.Args[3], os.Args[4])
	case "receipt":
		receipt(os.Args[2], os.Args[3:])
	case "vectors":
		vectors(os.Args[2])
	}
}
