// Package qemutest gives tests a far end: a real QEMU that needs no guest, no
// KVM and no root, and a fake one whose every byte is scripted.
//
// In: a recipe (command line, images, how to provoke events) or a script. Out:
// the address of a QMP monitor that nobody uses yet, and the means to make
// things happen behind it. Every process, socket and file is gone when the
// test ends, also when it fails or panics. A test that needs QEMU fails where
// there is none, and says what to install: a check that skips itself proves
// nothing.
//
// It knows nothing of qmpalert's own packages, so all of them may use it.
package qemutest
