# refute COMMAND...: true where the command is not. A plain `! COMMAND` asserts nothing in the middle of a test: the shell's
# errexit leaves it out, whatever it says. Behind a pipe it asks the last command only, as `! a | b` would.
refute() {
	! "$@"
}
