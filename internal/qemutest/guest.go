package qemutest

import (
	"bytes"
	"os"
	"path/filepath"
)

// Codes of boot sectors, run by SeaBIOS a tenth of a second after "cont", for
// events that need a guest. Each begins with cli; xor ax,ax; mov ds,ax;
// mov ss,ax; mov sp,7c00h; sti.
const (
	// Halts at once.
	GuestIdle = "fa31c08ed88ed0bc007cfbf4ebfd"
	// Reads LBA 100 of the boot disk in a loop, some five times a second.
	GuestReads = "fa31c08ed88ed0bc007cfb6860ea6a006a006800006864006800106800006801006a1089e6b280b442cd1383c410b486b90300ba400dcd155848500f85cfff58f4ebfd"
	// Writes LBA 200 of the boot disk in a loop.
	GuestWrites = "fa31c08ed88ed0bc007cfb6860ea6a006a0068000068c8006800106800006801006a1089e6b280b80043cd1383c410b486b90300ba400dcd155848500f85ceff58f4ebfd"
	// Arms the ib700 watchdog for two seconds and halts.
	GuestArmsWatchdog = "fa31c08ed88ed0bc007cfbba4304b00eeef4ebfd"
	// Arms the ib700 watchdog for two seconds, then does as GuestReads.
	GuestArmsWatchdogAndReads = "fa31c08ed88ed0bc007cfbba4304b00eee6860ea6a006a006800006864006800106800006801006a1089e6b280b442cd1383c410b486b90300ba400dcd155848500f85cfff58f4ebfd"
	// Tells pvpanic of a crash kernel, a tenth of a second later of a panic.
	GuestPanics = "fa31c08ed88ed0bc007cfbba0505b002eeb486b90100baa086cd15ba0505b001eef4ebfd"
	// Reboots through the keyboard controller after a third of a second.
	GuestReboots = "fa31c08ed88ed0bc007cfbb486b90400bae093cd15ba6400b0feeef4ebfd"
	// Sets the hour of the hardware clock, to and fro, each time after 1.1 seconds:
	// faster, and QEMU might tell only those in one direction.
	GuestSetsClock = "fa31c08ed88ed0bc007cfb683c00ba7000b004eeba7100b005eeb486b91000bae0c8cd15ba7000b004eeba7100b006eeb486b91000bae0c8cd155848500f85cdff58f4ebfd"
	// Suspends itself to memory (ACPI S3).
	GuestSleeps = "fa31c08ed88ed0bc007cfbb486b90100baa086cd15ba0406b80024eff4ebfd"
	// Answers a request to give back memory slot 0 (_OST of ACPI, source 259)
	// with "in use" (129).
	GuestKeepsMemory = "fa31c08ed88ed0bc007cfbba000a6631c066efba040a66b80301000066efba080a66b88100000066eff4ebfd"
	// Sets the hour of the hardware clock, which tells that it has booted
	// (RTC_CHANGE), then writes to 512 KiB of its memory without end:
	// mov ax,1000h; l: mov es,ax;
	// xor di,di; mov cx,8000h; rep stosw; inc bx; mov eax,cr0; xor eax,10000h;
	// mov cr0,eax; mov ax,bx; and ax,7; shl ax,12; add ax,1000h; jmp l. Changing
	// CR0 flushes the TLB: without that TCG of QEMU 7.2 forgets that pages are dirty.
	GuestDirtiesMemory = "fa31c08ed88ed0bc007cfbba7000b004eeba7100b005eeb800108ec031ffb90080f3ab430f20c06635000001000f22c089d883e007c1e00c050010ebdd"
)

// Guest is a PC that boots the code from the disk boot.img when it is told to
// "cont". args come after those of the disk.
func Guest(name, code string, args ...string) Recipe {
	return Recipe{
		Name:  name,
		Args:  append([]string{"-machine", "pc", "-S", "-drive", "file=boot.img,format=raw,if=ide"}, args...),
		Files: func(dir string) error { return writeBootSector(filepath.Join(dir, "boot.img"), code) },
	}
}

// BadDisk is a guest whose disk hd0 (node disk0) fails each request of the kind
// iotype ("read" of LBA 100, "write" of any) with an errno; action is what QEMU
// then does: "stop" or "report".
func BadDisk(name, code, iotype, errno, action string, args ...string) Recipe {
	sector := ""
	if iotype == "read" {
		sector = `"sector": 100, `
	}
	r := Guest(name, code)
	r.Args = append([]string{
		"-machine", "pc", "-S",
		"-blockdev", `{"driver": "raw", "node-name": "disk0", "file": {"driver": "blkdebug", "image": {"driver": "file", "filename": "boot.img"}, ` +
			`"inject-error": [{"event": "none", "iotype": "` + iotype + `", ` + sector + `"errno": ` + errno + `, "once": false}]}}`,
		"-device", "ide-hd,drive=disk0,id=hd0,rerror=" + action + ",werror=" + action,
	}, args...)
	return r
}

// Filled makes a file of size bytes, all of them c.
func Filled(dir, name string, size int, c byte) error {
	return os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte{c}, size), 0o600)
}
