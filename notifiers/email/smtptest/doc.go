// Package smtptest runs a real SMTP server for tests: Debian's exim, from a
// directory of its own, on a port of the loopback interface, with a certificate
// of its own, delivering into a maildir that the test reads.
//
// In: options. Out: where the server is, whom to trust, and the mails that
// arrived, parsed by net/mail. It works as root and as any other user, and
// fails the test, saying what to install, where there is no exim.
package smtptest
