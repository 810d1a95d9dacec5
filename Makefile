# `make demo` and `make test` do all the set-up.
.PHONY: setup build
setup:
	@scripts/setup.sh
