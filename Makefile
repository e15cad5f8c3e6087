# marksense: build, test, install. Everything built goes under $(BUILD).
#   make            build/marksense and build/libmarksense.a
#   make demo       from a bare machine to the first records
#   make help       all targets

VERSION := 0.1.0
BUILD   ?= build
PREFIX  ?= /usr/local
DESTDIR ?=

# The one list of Debian packages (see README.md for what each is for).
PACKAGES_BUILD := gcc make pkg-config libleptonica-dev libtesseract-dev libpng-dev zlib1g-dev \
    libtiff-dev libjpeg-dev libqpdf-dev libpoppler-glib-dev libcairo2-dev libpango1.0-dev \
    libzbar-dev libqrencode-dev libyaml-dev libjansson-dev libsqlite3-dev libseccomp-dev \
    libfftw3-dev
PACKAGES_RUN   := tesseract-ocr-eng fonts-inter
PACKAGES_TEST  := libcmocka-dev mandoc python3 sqlite3 poppler-utils qpdf
PACKAGES_CI    := clang libclang-rt-14-dev cppcheck

LIBRARIES := lept tesseract libpng zlib libtiff-4 libjpeg libqpdf poppler-glib cairo pangocairo zbar \
    libqrencode yaml-0.1 jansson sqlite3 libseccomp glib-2.0 fftw3f

# All cores, unless -j says otherwise; a make within make takes its share from the outer one.
ifeq ($(MAKELEVEL)$(filter -j%,$(MAKEFLAGS)),0)
MAKEFLAGS += -j$(shell nproc)
endif

CC       ?= gcc
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
    -Wmissing-prototypes -Wvla
ifdef WERROR
WARNINGS += -Werror
endif
OPTIMISE ?= -O2 -g
# Hardening: what Debian builds its own packages with, and stack-clash protection.
HARDEN   ?= -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
LDHARDEN ?= -pie -Wl,-z,relro,-z,now,-z,noexecstack
ifdef SANITIZE
OPTIMISE := -O1 -g -fno-omit-frame-pointer
HARDEN   := -fsanitize=$(SANITIZE) -fno-sanitize-recover=undefined
LDHARDEN := -fsanitize=$(SANITIZE)
endif

PKG_CFLAGS := $(shell pkg-config --cflags $(LIBRARIES) 2>/dev/null | sed 's/-I\//-isystem \//g')
PKG_LIBS   := $(shell pkg-config --libs $(LIBRARIES) 2>/dev/null)
CPPFLAGS_ALL = -Isrc -I. -D_GNU_SOURCE -DMARKSENSE_VERSION='"$(VERSION)"' \
    -DMARKSENSE_DATA='"$(PREFIX)/share/marksense"' $(CPPFLAGS)
CFLAGS_ALL = -std=c17 $(OPTIMISE) $(WARNINGS) $(HARDEN) $(PKG_CFLAGS) $(CFLAGS)
LIBS_ALL   = $(PKG_LIBS) -lm

LIBRARY_SOURCES := $(sort $(filter-out src/cmd/%,$(wildcard src/*/*.c)) $(wildcard src/*/*.S))
PROGRAM_SOURCES := $(wildcard src/main.c) $(sort $(wildcard src/cmd/*.c))
LIBRARY_OBJECTS := $(patsubst %,$(BUILD)/obj/%.o,$(basename $(LIBRARY_SOURCES)))
PROGRAM_OBJECTS := $(patsubst %,$(BUILD)/obj/%.o,$(basename $(PROGRAM_SOURCES)))

TEST_SOURCES  := $(sort $(wildcard tests/unit/*.c tests/property/*.c))
TEST_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(TEST_SOURCES))
FUZZ_SOURCES  := $(sort $(wildcard tests/fuzz/*.c))
FUZZ_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(FUZZ_SOURCES))
BENCH_SOURCES  := $(sort $(wildcard tests/bench/*.c))
BENCH_PROGRAMS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(BENCH_SOURCES))

.PHONY: all help deps deps-test deps-ci test demo bench accuracy install uninstall clean format \
    lint man dist layers pure programs
.DELETE_ON_ERROR:

all: deps
	@$(MAKE) --no-print-directory programs

programs: $(BUILD)/marksense $(BUILD)/libmarksense.a

help:
	@sed -n 's/^## //p' Makefile

$(BUILD)/libmarksense.a: $(LIBRARY_OBJECTS)
	@rm -f $@
	$(AR) rcs $@ $^

$(BUILD)/marksense: $(PROGRAM_OBJECTS) $(BUILD)/libmarksense.a
	@echo "  link $@"
	@$(CC) $(LDHARDEN) $(LDFLAGS) -o $@ $(PROGRAM_OBJECTS) $(BUILD)/libmarksense.a $(LIBS_ALL)

$(BUILD)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  cc   $<"
	@$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

# loops over cells, written for compilers that take many at a time
LOOPS := grain.o grow.o hairlines.o mark_bits.o mark_measure.o mark_shape.o marks.o outline_fit.o outside.o \
    outside_dotted.o outside_faint.o outside_pieces.o pixels.o reduce.o rim.o sample.o sample_bits.o sample_rows.o tone.o
$(addprefix $(BUILD)/obj/src/read/,$(LOOPS)) $(BUILD)/obj/src/page/misfit.o: OPTIMISE = -O3 -g

$(BUILD)/obj/src/base/calibration_data.o: $(wildcard calibration/*.json)
$(BUILD)/obj/src/proof/profile_data.o: $(wildcard calibration/scanners/*.yaml)
$(BUILD)/obj/src/store/schema_data.o: src/store/schema.sql
$(BUILD)/obj/%.o: %.S Makefile
	@mkdir -p $(@D)
	@$(CC) -I. -c -o $@ $<

$(BUILD)/tests/fuzz/%: tests/fuzz/%.c $(BUILD)/libmarksense.a
	@mkdir -p $(@D)
	@echo "  cc   $<"
	@$(CC) $(CPPFLAGS_ALL) $(CFLAGS_ALL) $(FUZZ_FLAGS) -MMD -MP -MF $@.d $(LDHARDEN) -o $@ $< \
	    $(if $(FUZZ_FLAGS),,tests/fuzz/driver/main.c) $(BUILD)/libmarksense.a $(LIBS_ALL)

$(BUILD)/tests/%: tests/%.c $(BUILD)/libmarksense.a
	@mkdir -p $(@D)
	@echo "  cc   $<"
	@$(CC) $(CPPFLAGS_ALL) -Itests $(CFLAGS_ALL) -MMD -MP -MF $@.d $(LDHARDEN) -o $@ $< \
	    $(BUILD)/libmarksense.a $(LIBS_ALL) -lcmocka

-include $(LIBRARY_OBJECTS:.o=.d) $(PROGRAM_OBJECTS:.o=.d) $(TEST_PROGRAMS:=.d) \
    $(FUZZ_PROGRAMS:=.d) $(BENCH_PROGRAMS:=.d) $(BUILD)/tests/real/scan_variant.d

## make deps          install the Debian packages that are missing (build and run)
deps:
	@tests/tools/install-packages "to build and run marksense" $(PACKAGES_BUILD) $(PACKAGES_RUN)
deps-test: deps
	@tests/tools/install-packages "to test marksense" $(PACKAGES_TEST)
deps-ci: deps-test
	@tests/tools/install-packages "to check marksense in CI" $(PACKAGES_CI)

test-programs: $(TEST_PROGRAMS) $(FUZZ_PROGRAMS) $(BUILD)/tests/real/scan_variant

## make test          all tests; ends with 'N passed, N failed, N skipped'
test: deps-test
	@$(MAKE) --no-print-directory programs test-programs
	@BUILD=$(BUILD) tests/run

## make demo          read the sample scans: from a bare machine to the first records
demo: deps
	@$(MAKE) --no-print-directory programs
	@BUILD=$(BUILD) tests/tools/demo

## make bench         speed, stage by stage, as ratios within one run
bench: deps-test
	@$(MAKE) --no-print-directory programs $(BENCH_PROGRAMS)
	@BUILD=$(BUILD) tests/bench/run-bench

## make accuracy      errors on simulated and real scans
accuracy: deps-test
	@$(MAKE) --no-print-directory programs
	@BUILD=$(BUILD) tests/bench/run-accuracy

## make layers pure   the rooms include only downwards; the pure ones stay pure
layers:
	@tests/tools/check-layers
pure: $(BUILD)/libmarksense.a
	@BUILD=$(BUILD) tests/tools/check-pure

## make lint          layers, purity, manual pages, cppcheck
lint: layers pure man
	@command -v cppcheck >/dev/null || { echo "lint: cppcheck is missing: make deps-ci"; exit 1; }
	cppcheck --quiet --std=c11 --enable=warning,portability --inline-suppr --error-exitcode=1 \
	    --library=tests/tools/cppcheck.cfg -Isrc src

## make man           check the manual pages
man:
	@mandoc -T lint -W warning man/*.[157] && echo "manual pages: fine"

## make install       under PREFIX (/usr/local) and DESTDIR; make uninstall undoes it
install: programs
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5 $(DESTDIR)$(PREFIX)/share/man/man7 \
	    $(DESTDIR)$(PREFIX)/share/marksense/forms
	install -m 755 $(BUILD)/marksense $(DESTDIR)$(PREFIX)/bin/marksense
	install -m 644 man/*.1 $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 644 man/*.5 $(DESTDIR)$(PREFIX)/share/man/man5
	install -m 644 man/*.7 $(DESTDIR)$(PREFIX)/share/man/man7
	cp -R forms/cancer-experience $(DESTDIR)$(PREFIX)/share/marksense/forms

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/marksense
	rm -f $(patsubst man/%,$(DESTDIR)$(PREFIX)/share/man/man1/%,$(wildcard man/*.1))
	rm -f $(patsubst man/%,$(DESTDIR)$(PREFIX)/share/man/man5/%,$(wildcard man/*.5))
	rm -f $(patsubst man/%,$(DESTDIR)$(PREFIX)/share/man/man7/%,$(wildcard man/*.7))
	rm -rf $(DESTDIR)$(PREFIX)/share/marksense

## make dist          a source archive of the last commit
dist:
	@mkdir -p $(BUILD)
	git archive --prefix=marksense-$(VERSION)/ -o $(BUILD)/marksense-$(VERSION).tar.gz HEAD
	@echo $(BUILD)/marksense-$(VERSION).tar.gz

## make format        lay the sources out by .clang-format
format:
	clang-format -i $(wildcard src/*.[ch] src/*/*.[ch] tests/*/*.[ch])

## make clean         remove all that was built
clean:
	rm -rf $(BUILD)
