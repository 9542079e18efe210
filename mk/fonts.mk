# The fonts of the PDF writer: copied from their Debian packages (fonts-lato,
# fonts-jetbrains-mono, fonts-dejavu-core) at build time and embedded, so that
# a report has the same bytes on a machine with other fonts, or none.
FONT_DIR   ?= /usr/share/fonts/truetype
FONT_FILES := lato/Lato-Regular.ttf lato/Lato-Bold.ttf lato/Lato-Italic.ttf \
	lato/Lato-BoldItalic.ttf jetbrains-mono/JetBrainsMono-Regular.ttf \
	dejavu/DejaVuSans.ttf

GEN_report := fonts

$(GEN)/fonts.c: mk/fonts.mk $(FONT_FILES:%=$(FONT_DIR)/%)
	@mkdir -p $(GEN)/fonts
	@cp $(filter %.ttf,$^) $(GEN)/fonts/
	@{ echo '/* Made by mk/fonts.mk. */'; \
	echo '#include "report/pdf_font.h"'; \
	for f in $(notdir $(FONT_FILES)); do \
	  s=font_file_$$(echo $${f%.ttf} | tr A-Z- a-z_); \
	  printf '__asm__(".section .rodata\\n.balign 16\\n"\n'; \
	  printf '\t"%s:\\n.incbin \\"%s/fonts/%s\\"\\n"\n' $$s $(GEN) $$f; \
	  printf '\t"%s_end:\\n.byte 0\\n.previous\\n");\n' $$s; \
	  printf 'extern const unsigned char %s[], %s_end[];\n' $$s $$s; \
	done; \
	echo 'const struct pdf_font_file pdf_font_files[] = {'; \
	for f in $(notdir $(FONT_FILES)); do \
	  s=font_file_$$(echo $${f%.ttf} | tr A-Z- a-z_); \
	  printf '\t{ "%s", %s, %s_end },\n' $${f%.ttf} $$s $$s; \
	done; echo '};'; } > $@.tmp && mv $@.tmp $@

$(FONT_DIR)/%.ttf:
	@echo "$@ is missing: apt-get install fonts-lato fonts-jetbrains-mono fonts-dejavu-core" >&2; exit 1
