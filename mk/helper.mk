# The privileged helper: a program of its own, with as little in it as possible.
all: $(B)/tickmark-helper

$(B)/tickmark-helper: $(B)/obj/helper/main.o $(call lib,helper) $(call lib,sys) $(call lib,base)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)
