# Dialogs.

dialog-cancel = Cancel
dialog-close = Close
dialog-details = Details
dialog-unknown = unknown

dialog-conflict-title = “{ $name }” is already there
dialog-conflict-existing = There now
dialog-conflict-new = Would replace it
dialog-conflict-is-newer = Newer
dialog-conflict-rest = Do the same for every further name of this batch that is taken
dialog-conflict-skip = Skip
dialog-conflict-keep-both = Keep both
dialog-conflict-keep-both-hint = The new one gets a number: “name (2).ext”
dialog-conflict-newer = Only if newer
dialog-conflict-newer-hint = Overwrites only where the new one was changed later
dialog-conflict-overwrite = Overwrite

dialog-names-title = { $count ->
    [one] A file’s name cannot become a key
   *[other] The names of { $number } files cannot become keys
}
dialog-names-intro = Choose another key for each file, or leave it out. The files themselves are not renamed, and the rest of the batch goes on.
dialog-names-key = Key for { $path }
dialog-names-key-short = Key
dialog-names-skip-one = Leave { $path } out
dialog-names-skip = Leave this file out
dialog-names-skip-all = Leave all out
dialog-names-upload = { $count ->
    [one] Upload 1 file
   *[other] Upload { $number } files
}
dialog-key-problem-empty = The key is empty
dialog-key-problem-too-long = The key has { $bytes } bytes; S3 takes { $limit } at most
dialog-key-problem-not-unicode = The name is not valid Unicode, so no key can be the same
dialog-key-problem-control-character = The name holds a control character, which listings and links cannot carry
dialog-key-problem-dot-segment = “.” and “..” cannot be part of a path: no browser opens such a link
dialog-key-problem-taken = Another file of this upload has the same name

dialog-skipped-title = { $count ->
    [0] Nothing was left out
    [one] 1 item was left out
   *[other] { $number } items were left out
}
dialog-skipped-nothing = Every file of the last uploads was taken.
dialog-skipped-more = { $count ->
    [one] And 1 more
   *[other] And { $number } more
}
dialog-skipped-copy = Copy list

dialog-delete-counting-title = Counting what would be deleted…
dialog-delete-title = { $count ->
    [0] Nothing to delete
    [one] Delete 1 object?
   *[other] Delete { $number } objects?
}
dialog-delete-title-folder = { $count ->
    [one] Delete the folder “{ $name }” with 1 object?
   *[other] Delete the folder “{ $name }” with { $number } objects?
}
dialog-delete-title-object = Delete “{ $name }”?
dialog-delete-running-title = Deleting…
dialog-delete-ended-title = Not everything was deleted
dialog-delete-counting = { $count ->
    [one] 1 object so far, { $size }, in { $place }
   *[other] { $number } objects so far, { $size }, in { $place }
}
dialog-delete-amount = { $count ->
    [one] 1 object, { $size }, in { $place }
   *[other] { $number } objects, { $size } in all, in { $place }
}
dialog-delete-more = { $count ->
    [one] and 1 more
   *[other] and { $number } more
}
dialog-delete-for-good = This cannot be undone, unless the bucket keeps versions
dialog-delete-type-name = Type the bucket’s name, { $bucket }, to confirm
dialog-delete-button = { $count ->
    [0] Delete
    [one] Delete 1 object
   *[other] Delete { $number } objects
}
dialog-delete-progress = { $done } of { $all } deleted
dialog-delete-stop = Stop
dialog-delete-deleted = { $count ->
    [0] Nothing was deleted
    [one] 1 object was deleted
   *[other] { $number } objects were deleted
}
dialog-delete-came-title = Objects that came meanwhile were left
dialog-delete-came = { $count ->
    [one] 1 object came after the count and was left
   *[other] { $number } objects came after the count and were left
}
dialog-delete-stayed = { $count ->
    [one] 1 object is still there:
   *[other] { $number } objects are still there:
}

dialog-bucket-title = New bucket
dialog-bucket-name = Name
dialog-bucket-name-hint = my-bucket
dialog-bucket-rules = 3 to 63 characters: lower-case letters, digits, hyphens. On most services no two buckets can have the same name, whoever owns them.
dialog-bucket-region = Region
dialog-bucket-create = Create bucket
dialog-bucket-creating = Creating…
dialog-bucket-name-empty = Enter a name
dialog-bucket-name-length = A bucket’s name has 3 to 63 characters
dialog-bucket-name-character = “{ $character }” is not allowed: only a–z, 0–9, dots and hyphens
dialog-bucket-name-space = Spaces are not allowed: only a–z, 0–9, dots and hyphens
dialog-bucket-name-ends = It must begin and end with a letter or a digit
dialog-bucket-name-dots = Two dots in a row, or a dot beside a hyphen, are not allowed
dialog-bucket-name-ip-address = It must not look like an IP address
dialog-bucket-name-reserved = Names that begin or end like this are reserved by Amazon

dialog-bucket-delete-title = Delete bucket “{ $bucket }”?
dialog-bucket-delete-body = Only an empty bucket can be deleted. After that, anyone may take its name.
dialog-bucket-delete-button = Delete bucket

dialog-folder-title = New folder
dialog-folder-in = In { $place }
dialog-folder-name = Name of the folder
dialog-folder-nested = Makes { $number } folders, one in the other: { $place }
dialog-folder-create = Create folder

dialog-connection-delete-title = Delete connection “{ $name }”?
dialog-connection-delete-keychain = Its secret is deleted from the system keychain as well.
dialog-connection-delete-this-run = Its secret, kept for this run only, is forgotten as well.
dialog-connection-delete-profile = The profile in ~/.aws stays as it is.
dialog-connection-delete-anonymous = It has no secret.
dialog-connection-delete-objects-stay = Buckets and objects stay where they are.
dialog-connection-delete-transfers = They are cancelled and leave the list with it.
dialog-connection-delete-running = Cancelling the transfers and removing what they have left on the server…
dialog-connection-delete-button-with = { $count ->
    [one] Delete it and cancel 1 transfer
   *[other] Delete it and cancel { $number } transfers
}
dialog-connection-delete-button = Delete connection

dialog-place-add-title = Add to places
dialog-place-rename-title = Rename place
dialog-place-name = Name of the place
dialog-place-add = Add place
dialog-place-rename = Rename

dialog-link-title = { $count ->
    [one] Link that expires
   *[other] { $number } links that expire
}
dialog-link-life = Works for
dialog-expiry-15-minutes = 15 min
dialog-expiry-1-hour = 1 hour
dialog-expiry-12-hours = 12 hours
dialog-expiry-1-day = 1 day
dialog-expiry-7-days = 7 days
dialog-expiry-custom = Custom…
dialog-link-minutes = Minutes
dialog-link-limit = 7 days (10,080 minutes) at most
dialog-link-anyone = Anyone who has the link can download until it ends, without signing in. It cannot be taken back.
dialog-link-signing = Signing…
dialog-link-copy = { $count ->
    [one] Copy link
   *[other] Copy { $number } links
}
dialog-link-keys-end = Your keys end earlier: the link works for { $life }, not for the { $asked } you chose
dialog-link-keys-unknown = The keys are temporary and do not say when they end: the link ends with them, perhaps much earlier
dialog-link-works-until = Copied. Works until { $end }

dialog-quit-title = Quit while transfers are under way?
dialog-quit-active = { $count ->
    [one] 1 transfer is not done yet.
   *[other] { $number } transfers are not done yet.
}
dialog-quit-remaining = { $time }
dialog-quit-kept = Uploads are kept and go on from here at the next start. Downloads that are not done start anew when you ask for them again.
dialog-quit-kept-asks = Uploads are kept; the next start asks whether they go on. Downloads that are not done start anew when you ask for them again.
dialog-quit-not-saved = { $reason }. Uploads added since then may be missing at the next start
dialog-quit-not-kept = { $reason }. Uploads that are not done then do not go on at the next start
dialog-quit-all-done = Everything is done now.
dialog-quit-stay = Keep open
dialog-quit-leave = Quit

dialog-path-upload-title = Upload from a path
dialog-path-download-title = Download to a folder
dialog-path-why = This system offers no file chooser, so the path has to be typed.
dialog-path-label = Path
dialog-path-not-whole = Enter the whole path, beginning at the root or with ~/
dialog-path-goes-to = Goes to { $place }
dialog-path-upload = Upload
dialog-path-download = Download

dialog-error-title = What went wrong
dialog-error-raw = As the server or the system put it
dialog-error-copy = Copy details

notice-dialog-text-copied = Copied to the clipboard
notice-dialog-policy-copied = IAM policy copied: paste it in the IAM console
notice-dialog-objects-deleted = { $count ->
    [one] 1 object deleted
   *[other] { $number } objects deleted
}
notice-dialog-bucket-created = Bucket “{ $bucket }” created
notice-dialog-bucket-deleted = Bucket “{ $bucket }” deleted

dialog-sleep-title = All transfers are done
dialog-sleep-in = { $count ->
    [one] The computer goes to sleep in 1 second
   *[other] The computer goes to sleep in { $number } seconds
}
dialog-sleep-why = You chose this in the transfers
dialog-sleep-stay = Stay awake
dialog-sleep-quits-in = { $count ->
    [one] Bucketdrop quits in 1 second
   *[other] Bucketdrop quits in { $number } seconds
}
dialog-sleep-stay-open = Stay open

dialog-cancel-all-title = { $count ->
    [0] Nothing to cancel
    [one] Cancel 1 transfer?
   *[other] Cancel { $number } transfers?
}
dialog-cancel-all-amount = { $count ->
    [one] 1 transfer has not finished, { $size }
   *[other] { $number } transfers have not finished, { $size } in all
}
dialog-transfers-growing = More files are still being found; they belong to these as well.
dialog-cancel-all-rest = What has finished stays. A cancelled transfer can be tried again from its beginning.
dialog-cancel-all-stay = Keep transferring
dialog-cancel-all-button = { $count ->
    [0] Cancel
    [one] Cancel 1 transfer
   *[other] Cancel { $number } transfers
}
dialog-cancel-one-title = Cancel “{ $name }”?
dialog-cancel-one-rest = It can be tried again, from its beginning.
dialog-cancel-one-button = Cancel this transfer
dialog-remove-failed-title = { $count ->
    [0] Nothing to remove
    [one] Remove 1 failed transfer?
   *[other] Remove { $number } failed transfers?
}
dialog-remove-failed-amount = { $count ->
    [one] 1 transfer has failed, { $size }
   *[other] { $number } transfers have failed, { $size } in all
}
dialog-remove-failed-rest = They leave the list and cannot be retried from there. Files on this computer and finished objects stay.
dialog-remove-failed-stay = Keep in the list
dialog-remove-failed-button = { $count ->
    [0] Remove
    [one] Remove 1 transfer
   *[other] Remove { $number } transfers
}
dialog-remove-failed-one-title = Remove “{ $name }” from the list?
dialog-remove-failed-one-rest = It leaves the list and cannot be retried from there. Files on this computer stay.
dialog-remove-failed-one-button = Remove this transfer
dialog-transfers-lost = { $moved } of { $size } has been transferred already and would be lost
dialog-transfers-counting = Counting what would be lost…
dialog-transfers-nothing-left = Nothing is left: the transfers have ended meanwhile.
