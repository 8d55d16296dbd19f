//! A file system for SQLite that fails when told to: a layer over the system's own that counts writes, syncs and
//! truncations of the files below a folder. Syncs are counted and not done, so that thousands of trials take seconds.
//!
//! The only unsafe code of the program, and only in tests: SQLite takes its file systems as tables of C functions.
#![expect(unsafe_code, reason = "SQLite's file systems are tables of C functions; nothing safe can stand in for one")]

use std::collections::HashMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::size_of;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, Once};

use rusqlite::ffi;

/// SQLite's name of the layer.
pub(in super::super) const NAME: &str = "bucketdrop-faults";
const C_NAME: &CStr = c"bucketdrop-faults";

/// What fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Fault {
    /// No space: half of what is written arrives.
    NoSpace,
    /// The disk answers with an error.
    Io,
    /// Everything from then on goes nowhere, as if the process had been killed.
    Kill,
}

/// When it fails.
#[derive(Debug, Default)]
struct Plan {
    calls: u64,
    /// The fault, from which call on.
    fault: Option<(Fault, u64)>,
    /// Whether a call has failed.
    struck: bool,
    reads: u64,
    /// Reading fails from this call on.
    unreadable_from: Option<u64>,
    /// Renamed just before the next reading: from, to.
    renamed: Option<(PathBuf, PathBuf)>,
    /// Logs may not be opened.
    refuse_log: bool,
    /// The main file may only be read.
    read_only: bool,
}

/// A folder whose files may fail.
pub(in super::super) struct Disk {
    folder: PathBuf,
    plan: Arc<Mutex<Plan>>,
}

static PLANS: Mutex<Option<HashMap<PathBuf, Arc<Mutex<Plan>>>>> = Mutex::new(None);

impl Disk {
    /// Puts the layer over a folder.
    pub(in super::super) fn over(folder: &Path) -> Self {
        static REGISTER: Once = Once::new();
        REGISTER.call_once(register);
        let (folder, plan) = (std::fs::canonicalize(folder).unwrap(), Arc::default());
        PLANS.lock().unwrap().get_or_insert_default().insert(folder.clone(), Arc::clone(&plan));
        Self { folder, plan }
    }

    /// Fails from the `call`th call from now on, until [`Disk::heal`].
    pub(in super::super) fn fail_at(&self, call: u64, fault: Fault) {
        let mut plan = self.plan.lock().unwrap();
        (plan.calls, plan.struck, plan.fault) = (0, false, Some((fault, call)));
    }

    pub(in super::super) fn heal(&self) {
        self.plan.lock().unwrap().fault = None;
    }

    pub(in super::super) fn has_struck(&self) -> bool {
        self.plan.lock().unwrap().struck
    }

    pub(in super::super) fn calls(&self) -> u64 {
        self.plan.lock().unwrap().calls
    }

    pub(in super::super) fn reads(&self) -> u64 {
        self.plan.lock().unwrap().reads
    }

    /// Reading fails from the `call`th reading from now on, until [`Disk::make_readable`].
    pub(in super::super) fn make_unreadable(&self, call: u64) {
        let mut plan = self.plan.lock().unwrap();
        (plan.reads, plan.unreadable_from) = (0, Some(call));
    }

    pub(in super::super) fn make_readable(&self) {
        self.plan.lock().unwrap().unreadable_from = None;
    }

    /// Renames a file once SQLite has opened the journal and reads it for the first time.
    pub(in super::super) fn rename_then(&self, from: PathBuf, to: PathBuf) {
        self.plan.lock().unwrap().renamed = Some((from, to));
    }

    pub(in super::super) fn refuse_log(&self) {
        self.plan.lock().unwrap().refuse_log = true;
    }

    pub(in super::super) fn set_read_only(&self) {
        self.plan.lock().unwrap().read_only = true;
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        PLANS.lock().unwrap().get_or_insert_default().remove(&self.folder);
    }
}

/// Counts a call; the fault if it is to fail.
fn strike(plan: &Mutex<Plan>) -> Option<Fault> {
    let mut plan = plan.lock().unwrap();
    plan.calls += 1;
    let (fault, from) = plan.fault?;
    if plan.calls < from {
        return None;
    }
    plan.struck = true;
    Some(fault)
}

/// SQLite allocates `szOsFile` bytes: this, and the system's own file behind it.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// From `Arc::into_raw`; null for files of other folders.
    plan: *const Mutex<Plan>,
    real: *mut ffi::sqlite3_file,
}

/// The table of the system's own file behind ours.
///
/// # Safety
/// `file` was opened by [`open`] and is not closed.
unsafe fn real(file: *mut ffi::sqlite3_file) -> (*mut ffi::sqlite3_file, &'static ffi::sqlite3_io_methods) {
    // SAFETY: open() filled `real` in, and its table is static in SQLite.
    unsafe {
        let real = (*file.cast::<File>()).real;
        (real, &*(*real).pMethods)
    }
}

/// # Safety
/// As for [`real`].
unsafe fn struck(file: *mut ffi::sqlite3_file) -> Option<Fault> {
    // SAFETY: the Arc that `plan` came from lives until close().
    unsafe { (*file.cast::<File>()).plan.as_ref() }.and_then(strike)
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: called once by SQLite for an open file; takes back what open() gave away.
    unsafe {
        let (real, methods) = real(file);
        let plan = (*file.cast::<File>()).plan;
        if !plan.is_null() {
            drop(Arc::from_raw(plan));
        }
        methods.xClose.unwrap()(real)
    }
}

unsafe extern "C" fn read(file: *mut ffi::sqlite3_file, to: *mut c_void, len: c_int, at: i64) -> c_int {
    // SAFETY: the Arc that `plan` came from lives until close(); the rest is passed on as it came.
    unsafe {
        if (*file.cast::<File>()).plan.as_ref().is_some_and(is_unreadable) {
            return ffi::SQLITE_IOERR_READ;
        }
        let (real, methods) = real(file);
        methods.xRead.unwrap()(real, to, len, at)
    }
}

/// Counts a reading; whether it is to fail.
fn is_unreadable(plan: &Mutex<Plan>) -> bool {
    let mut plan = plan.lock().unwrap();
    plan.reads += 1;
    if let Some((from, to)) = plan.renamed.take() {
        std::fs::rename(from, to).unwrap();
    }
    plan.unreadable_from.is_some_and(|from| plan.reads >= from)
}

unsafe extern "C" fn write(file: *mut ffi::sqlite3_file, from: *const c_void, len: c_int, at: i64) -> c_int {
    // SAFETY: passed on as it came, or the first half of it.
    unsafe {
        let (real, methods) = real(file);
        match struck(file) {
            None => methods.xWrite.unwrap()(real, from, len, at),
            Some(Fault::Kill) => ffi::SQLITE_IOERR_WRITE,
            Some(fault) => {
                methods.xWrite.unwrap()(real, from, len / 2, at);
                if fault == Fault::NoSpace { ffi::SQLITE_FULL } else { ffi::SQLITE_IOERR_WRITE }
            }
        }
    }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, len: i64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (real, methods) = real(file);
        if struck(file).is_some() { ffi::SQLITE_IOERR_TRUNCATE } else { methods.xTruncate.unwrap()(real, len) }
    }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, _flags: c_int) -> c_int {
    // SAFETY: only counted.
    if unsafe { struck(file) }.is_some() { ffi::SQLITE_IOERR_FSYNC } else { ffi::SQLITE_OK }
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (real, methods) = real(file);
        methods.xFileSize.unwrap()(real, size)
    }
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (real, methods) = real(file);
        methods.xLock.unwrap()(real, level)
    }
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, level: c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (real, methods) = real(file);
        methods.xUnlock.unwrap()(real, level)
    }
}

unsafe extern "C" fn check_lock(file: *mut ffi::sqlite3_file, result: *mut c_int) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (real, methods) = real(file);
        methods.xCheckReservedLock.unwrap()(real, result)
    }
}

unsafe extern "C" fn control(file: *mut ffi::sqlite3_file, code: c_int, value: *mut c_void) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (real, methods) = real(file);
        methods.xFileControl.unwrap()(real, code, value)
    }
}

unsafe extern "C" fn sector(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (real, methods) = real(file);
        methods.xSectorSize.unwrap()(real)
    }
}

unsafe extern "C" fn traits(file: *mut ffi::sqlite3_file) -> c_int {
    // SAFETY: passed on as it came.
    unsafe {
        let (real, methods) = real(file);
        methods.xDeviceCharacteristics.unwrap()(real)
    }
}

/// Version 1: no shared memory and no mapping, which a journal with an exclusive lock never asks for.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 1,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(traits),
    xShmMap: None,
    xShmLock: None,
    xShmBarrier: None,
    xShmUnmap: None,
    xFetch: None,
    xUnfetch: None,
};

unsafe extern "C" fn open(
    vfs: *mut ffi::sqlite3_vfs,
    name: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out_flags: *mut c_int,
) -> c_int {
    // SAFETY: SQLite gives `szOsFile` zeroed-or-not bytes at `file`; all fields are set before they are read. The
    // layer's own data is the system's file system.
    unsafe {
        let ours = file.cast::<File>();
        let real = ours.add(1).cast::<ffi::sqlite3_file>();
        (*ours).base.pMethods = std::ptr::null();
        let plan = plan_of(name);
        let mut flags = flags;
        if let Some(plan) = &plan {
            let plan = plan.lock().unwrap();
            if plan.refuse_log && flags & ffi::SQLITE_OPEN_WAL != 0 {
                return ffi::SQLITE_CANTOPEN;
            }
            if plan.read_only && flags & ffi::SQLITE_OPEN_MAIN_DB != 0 {
                flags = flags & !(ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE) | ffi::SQLITE_OPEN_READONLY;
            }
        }
        let system = (*vfs).pAppData.cast::<ffi::sqlite3_vfs>();
        let code = (*system).xOpen.unwrap()(system, name, real, flags, out_flags);
        if code != ffi::SQLITE_OK {
            return code;
        }
        (*ours).plan = plan.map_or(std::ptr::null(), Arc::into_raw);
        (*ours).real = real;
        (*ours).base.pMethods = &raw const METHODS;
        code
    }
}

/// # Safety
/// `name` is null or a C string.
unsafe fn plan_of(name: *const c_char) -> Option<Arc<Mutex<Plan>>> {
    if name.is_null() {
        return None;
    }
    // SAFETY: as promised.
    let name = unsafe { CStr::from_ptr(name) }.to_str().ok()?;
    let folder = std::fs::canonicalize(Path::new(name).parent()?).ok()?;
    PLANS.lock().unwrap().as_ref()?.get(&folder).cloned()
}

unsafe extern "C" fn delete(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, sync: c_int) -> c_int {
    // SAFETY: passed on to the system's file system.
    unsafe {
        if plan_of(name).is_some_and(|plan| strike(&plan).is_some()) {
            return ffi::SQLITE_IOERR_DELETE;
        }
        let system = (*vfs).pAppData.cast::<ffi::sqlite3_vfs>();
        (*system).xDelete.unwrap()(system, name, sync)
    }
}

unsafe extern "C" fn access(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, flags: c_int, out: *mut c_int) -> c_int {
    // SAFETY: passed on to the system's file system.
    unsafe {
        let system = (*vfs).pAppData.cast::<ffi::sqlite3_vfs>();
        (*system).xAccess.unwrap()(system, name, flags, out)
    }
}

unsafe extern "C" fn full_path(vfs: *mut ffi::sqlite3_vfs, name: *const c_char, len: c_int, out: *mut c_char) -> c_int {
    // SAFETY: passed on to the system's file system.
    unsafe {
        let system = (*vfs).pAppData.cast::<ffi::sqlite3_vfs>();
        (*system).xFullPathname.unwrap()(system, name, len, out)
    }
}

/// Tells SQLite of the layer, for the life of the process.
fn register() {
    // SAFETY: the default file system is never taken away; the copy lives for ever, and only its open, delete, access
    // and path functions are ours. The others (time, chance, sleep) do not look at the table they are called with.
    unsafe {
        assert_eq!(ffi::sqlite3_initialize(), ffi::SQLITE_OK);
        let system = ffi::sqlite3_vfs_find(std::ptr::null());
        let mut layer = *system;
        layer.zName = C_NAME.as_ptr();
        layer.pNext = std::ptr::null_mut();
        layer.pAppData = system.cast();
        layer.szOsFile = c_int::try_from(size_of::<File>()).unwrap() + (*system).szOsFile;
        layer.xOpen = Some(open);
        layer.xDelete = Some(delete);
        layer.xAccess = Some(access);
        layer.xFullPathname = Some(full_path);
        let layer = Box::leak(Box::new(layer));
        assert_eq!(ffi::sqlite3_vfs_register(layer, 0), ffi::SQLITE_OK);
    }
}
