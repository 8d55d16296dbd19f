# The transfers drawer.
queue-title = Transfers
queue-tab-active = Active { $count }
queue-tab-done = Done { $count }
queue-tab-failed = Failed { $count }
queue-copy-urls = { $count ->
    [one] Copy 1 URL
   *[other] Copy { $number } URLs
}
queue-collapse = Hide transfers
queue-resize = Height of the transfers
queue-expand = Show transfers
queue-more = More for all transfers
queue-speed-line = Speed of the last minute
queue-progress-of = Progress of { $name }
queue-empty-active = Nothing is under way
queue-empty-active-advice = Drop, paste or choose files to upload them
queue-empty-done = Nothing is done yet
queue-empty-done-advice = Finished transfers are listed here with their links
queue-empty-failed = Nothing has failed
queue-empty-failed-advice = What does not work is listed here, with the reason and the next step
queue-state-queued = waiting
queue-state-checking = checking
queue-state-needs-decision = waiting for your answer: the name is taken
queue-state-finishing = finishing
queue-state-paused = paused
queue-state-accepted = stored, checksum confirmed
queue-state-confirmed = stored and checked
queue-state-read-back = stored, read back and compared
queue-state-unverified = stored, not verified: the server gave no proof
queue-target-opened = a temporary copy, to look at
queue-state-downloaded = downloaded and checked
queue-state-downloaded-unverified = downloaded; only the size could be compared
queue-state-skipped = left out: { $reason }
queue-state-cancelled = cancelled
queue-hold-last-time = Uploads from last time wait for your word
queue-hold-held = The queue is held: nothing moves until you let it go on
queue-hold-outside-hours = The speed limit lets nothing be uploaded at this hour
queue-hold-offline = Waiting for { $connection }: { $reason }
queue-hold-throttled = { $connection } asks for a slower pace: { $reason }
queue-hold-file = “{ $key }” is tried again: { $reason }
queue-hold-expired = { $connection } needs new keys: { $reason }
queue-hold-refused = { $connection } is refused: { $reason }
queue-hold-unusable = { $connection } cannot be used: { $reason }
queue-hold-next-try = { $why }. Next try in { $time }
queue-hold-trying = { $why }. Trying again now
queue-hold-try-now = Try now
queue-retry = Retry
queue-retry-item = Retry { $name }
queue-pause-item = Pause { $name }
queue-resume-item = Resume { $name }
queue-cancel-item = Cancel { $name }
queue-forget-item = Remove { $name } from the list
queue-copy-url = Copy URL of { $name }
queue-open-url = Open { $name } in the browser
queue-open-file = Open { $name }
queue-details = Details of { $name }
queue-menu-details = Details…
queue-menu-pause = Pause
queue-menu-resume = Resume
queue-menu-first = Now, before all that waits
queue-menu-sooner = One step up
queue-menu-later = One step down
queue-menu-last = To the end of what waits
queue-menu-cancel = Cancel
queue-menu-forget = Remove from the list
queue-menu-open-url = Open in the browser
queue-menu-open-file = Open
queue-menu-show-folder = Show in its folder
queue-then = When all is done
queue-then-nothing = Do nothing
queue-then-sleep = Let the computer sleep
queue-then-quit = Quit Bucketdrop
queue-then-undo = Do nothing instead
queue-done-title = All transfers are done
queue-done-title-failed = The transfers have ended; some failed
queue-done-uploaded = { $count ->
    [one] 1 file uploaded, { $size }
   *[other] { $number } files uploaded, { $size }
}
queue-done-downloaded = { $count ->
    [one] 1 file downloaded
   *[other] { $number } files downloaded
}
queue-done-failed = { $count ->
    [one] 1 transfer failed
   *[other] { $number } transfers failed
}
queue-done-left-out = { $count ->
    [one] 1 item left out
   *[other] { $number } items left out
}
queue-done-sleeps = The computer goes to sleep in half a minute, unless you stop it in the window
queue-done-quits = Bucketdrop quits in half a minute, unless you stop it in the window

skip-system-file = a hidden file of the system
skip-excluded = matches an exclude pattern
skip-symbolic-link = a symbolic link
skip-special-file = a pipe, socket or device
skip-unreadable = may not be read
skip-unreadable-why = may not be read: { $reason }
skip-missing = gone before it could be read
skip-dead-link = a link that leads nowhere
skip-empty-folder = an empty folder: only files are uploaded
skip-exists = already exists
skip-not-newer = not newer than the object
skip-name-declined = left out when asked about its name
skip-came-later = came after you were asked, and was not among the files shown
skip-same-key = another file already becomes { $key }
notice-upload-source-changed = The file has changed since its upload began, so the upload starts again: { $path }
notice-walk-unfinished = { $path } had not been walked to its end when its upload was interrupted, and cannot be walked now: how many files are missing is not known. Put it back and run “bucketdrop-cli resume”
notice-public-rest-left-out = Bucketdrop ended while it was still listing the files of a public upload to { $bucket }: those not listed by then were left out. Upload them again
notice-upload-dropped = The service no longer has the parts sent of this file, so its upload starts again: { $path }
