# Our HTTP core against bare libmicrohttpd; both answer the same bytes. Needs
# libmicrohttpd-dev and wrk.
$(B)/bench/http: bench/http.c $(call lib,sys) $(call lib,base)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/bench/http-peer: bench/http.c
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -DPEER $(LDFLAGS) -o $@ $< -lmicrohttpd

bench-http: $(B)/bench/http $(B)/bench/http-peer
	bench/http $^
.PHONY: bench-http
bench: bench-http
