# What the command line says beside verdicts and failures.
cli-error = error: { $problem }
cli-output-fails = cannot write the output: { $reason }
cli-output-fails-goes-on = cannot write the output: { $reason }. The rest is done all the same, and nothing more is printed of it; the exit status will be 1
cli-output-full = the disk that it goes to is full
cli-output-unread = nobody reads it any more
cli-waiting = waiting: { $reason }; it is tried again without you
cli-waiting-file = “{ $key }” is tried again and again: { $reason }
cli-waiting-step = waiting: { $reason }. { $step }; it is tried again without you
cli-waiting-kept = { $waits }. Ctrl-C keeps the upload for `bucketdrop-cli resume`
cli-waiting-unsaved = { $waits }. What is left is not saved until then: after Ctrl-C run this command again
cli-waiting-check-network = Check the network
cli-waiting-try-https = If the server speaks https, use https:// in the endpoint; else check the network
cli-waiting-make-room = Free some space or raise the quota
cli-waiting-set-clock = Set date, time and time zone to automatic
cli-waiting-sign-in = Open a browser and sign in to the network
cli-waiting-held = waiting: the queue is held in the window; let it go on there, or run `bucketdrop-cli resume`
cli-waiting-hours = waiting: the bandwidth plan allows no uploads at this hour
cli-goes-on = The wait is over.
cli-waits-no-more = No longer waiting.
cli-wait-ended = No longer waiting: { $reason }.
cli-renewing = The keys have expired: they are read anew from where they came
cli-interrupted = Interrupted: what was not finished stays undone.
cli-interrupted-waits = Interrupted: `bucketdrop-cli resume` goes on where this stopped.
cli-interrupted-elsewhere = Interrupted: the Bucketdrop that is running goes on with this upload.
cli-interrupted-nothing-saved = Interrupted. Nothing was saved; run this command again.
cli-interrupted-unsaved = Interrupted. What is left could not all be saved for `bucketdrop-cli resume`; run this command again.
cli-rest-waits = What is left waits: `bucketdrop-cli resume` goes on with it.
cli-rest-elsewhere = What is left is in the queue of the Bucketdrop that is running, which goes on with it.
cli-rest-unsaved = What is left could not all be saved for `bucketdrop-cli resume`; run this command again.
cli-not-kept = This upload cannot be resumed if it is interrupted: { $reason }
cli-not-kept-full = the disk is full, and { $path } cannot be saved
cli-not-kept-newer = { $path } was written by a newer Bucketdrop
cli-not-kept-read-only = { $path } or its folder is read-only
cli-not-kept-in-use = another Bucketdrop is using { $path }
cli-not-kept-unusable = { $path } cannot be used as the list of uploads
cli-named-special = only files and folders can be uploaded, and this is a pipe, a socket or a device
cli-named-special-advice = Save what comes out of it to a file, and upload that
cli-not-public = Stored, but not public: { $reason }. { $advice }
cli-nothing-refuses = No setting that these keys may read refuses it: the account may block it.
cli-lost = The Bucketdrop that carries this upload out no longer says how it goes
cli-lost-advice = What is left is in its queue: it goes on by itself or, if the window was closed, at its next start or with `bucketdrop-cli resume`
cli-local-links-while-it-runs = These links open while the window or `bucketdrop-cli serve` runs on this computer.
cli-local-links-of-another = These links open while the Bucketdrop runs that serves this storage.
cli-local-links-dead = These links do not open: the storage ends with this command, and without a system keychain its next run has new keys. Run `bucketdrop-cli serve` beside it: links made while it runs open until it ends.
cli-waiting-from-earlier = Waiting from an earlier run: { $number }; `bucketdrop-cli resume` goes on with them.
cli-sum = { $done } done ({ $bytes }), { $skipped } left out, { $failed } failed, { $seconds } s
cli-unverified = { $count ->
    [one] { $number } file is stored, but not verified: the server gave no proof that it arrived whole
   *[other] { $number } files are stored, but not verified: the server gave no proof that they arrived whole
}
cli-unverified-again = { $count ->
    [one] Upload it again with --verify read-back --on-conflict overwrite to have it fetched and compared
   *[other] Upload them again with --verify read-back --on-conflict overwrite to have them fetched and compared
}
cli-unverified-upload = { $count ->
    [one] Upload it again with `bucketdrop-cli upload --verify read-back --on-conflict overwrite` to have it fetched and compared
   *[other] Upload them again with `bucketdrop-cli upload --verify read-back --on-conflict overwrite` to have them fetched and compared
}
cli-unverified-file = { $path }: stored, not verified: the server gave no proof
cli-progress = { $percent } %  { $done } of { $files } files  { $sent } of { $total }
cli-progress-left = { $time } left
cli-left-secs = { $secs } s
cli-left-minutes = { $minutes } min
cli-left-hours = { $hours } h { $minutes } min
cli-handed-over = The Bucketdrop that is running carries this upload out.
cli-resume-handed-over = The Bucketdrop that is running goes on with its queue.
cli-resume-without-limits = --jobs and --bandwidth are not for the Bucketdrop that is running: it keeps to the limits of its settings.
cli-resume-without-receipt = --receipt is not for what the Bucketdrop that is running goes on with: save its receipts in its window.
cli-not-handed-over = A Bucketdrop is running, but { $reason }: this upload is done here.
cli-not-handed-limits = --jobs and --bandwidth are for uploads of this command only
cli-not-handed-receipt = with --receipt a command uploads by itself
cli-not-handed-keys = this upload’s keys come from the environment (AWS_…)
cli-not-handed-refused = it did not take this upload
cli-nothing-to-resume = There is nothing to go on with: every upload has ended.
cli-stored-before = { $count ->
    [one] { $number } file was stored before without being told; it is told now.
   *[other] { $number } files were stored before without being told; they are told now.
}
cli-failed-again = { $count ->
    [one] { $number } file that failed before is tried again.
   *[other] { $number } files that failed before are tried again.
}
cli-failed-kept = { $count ->
    [one] { $number } file that failed is kept: `bucketdrop-cli resume` tries it again, `bucketdrop-cli resume --forget-failed --yes` gives it up.
   *[other] { $number } files that failed are kept: `bucketdrop-cli resume` tries them again, `bucketdrop-cli resume --forget-failed --yes` gives them up.
}
cli-failed-held = Unfinished parts on the server: { $bytes }. They may cost as long as they are there.
cli-failed-counted = { $count ->
    [one] { $number } file has failed ({ $bytes }).
   *[other] { $number } files have failed ({ $bytes }).
}
cli-failed-given-up = { $count ->
    [one] { $number } file was given up.
   *[other] { $number } files were given up.
}
cli-walks-unfinished = { $count ->
    [one] Of { $number } upload the folders were not walked to their end: `bucketdrop-cli resume` walks them again, and may take up once more what is given up now.
   *[other] Of { $number } uploads the folders were not walked to their end: `bucketdrop-cli resume` walks them again, and may take up once more what is given up now.
}
cli-nothing-failed = Nothing has failed that could be given up.
cli-nothing-failed-readable = Nothing else has failed in what could be read.
cli-failed-in-window = What has failed in the Bucketdrop that is running is given up there.
cli-nothing-readable = There is nothing else to go on with in what could be read.
cli-stays-as-it-is = Uploads through “{ $connection }” stay as they are.
cli-served-by-another = Another Bucketdrop is running already and serves this storage; it is left alone.
cli-serving = Serving until Ctrl-C.
cli-counted = { $place }: { $count ->
    [one] { $number } object, { $bytes }
   *[other] { $number } objects, { $bytes }
}
cli-removed = { $place }: { $count ->
    [one] { $number } object deleted
   *[other] { $number } objects deleted
}
cli-removed-came = { $place }: { $count ->
    [one] { $number } object that came after the count was left
   *[other] { $number } objects that came after the count were left
}
cli-receipt-written = receipt of { $count ->
    [one] { $number } object: { $path }
   *[other] { $number } objects: { $path }
}
cli-receipt-so-far = receipt of { $count ->
    [one] { $number } object that was stored so far: { $path }
   *[other] { $number } objects that were stored so far: { $path }
}
cli-receipt-taken = another file has come there during the upload, and was left alone
cli-receipt-beside = The receipt is beside it: { $path }
cli-receipt-too-late = { $path }: no receipt was written, for there was no time left
cli-receipt-sum = { $same } same, { $changed } changed, { $gone } gone, { $unknown } unknown

# What is wrong with the arguments.
cli-usage-say-yes = nothing was deleted; say --yes to delete
cli-usage-say-yes-forget = nothing was given up; say --yes to give it up
cli-usage-endpoint = --endpoint-url has to be http:// or https:// with a host, and no user name or query
cli-usage-of-the-chain = --profile, --region, --endpoint-url, --path-style and --anonymous belong to --connection aws, not to “{ $connection }”
cli-usage-no-connection = no connection, or more than one, is named “{ $connection }”; there are: { $known }
cli-usage-connection-gone = there is no such connection
cli-usage-nothing-to-upload = nothing to upload
cli-usage-nothing-to-download = nothing to download
cli-usage-upload-target = the last argument has to be s3://BUCKET[/PREFIX/]
cli-usage-upload-target-because = the last argument has to be s3://BUCKET[/PREFIX/]: { $problem }
cli-usage-download-folder = the last argument has to be the local folder to download into
cli-usage-not-utf-8 = an object’s address has to be UTF-8
cli-usage-about = { $thing }: { $problem }
cli-usage-scheme = it has to start with s3://
cli-usage-bucket = the bucket’s name is missing, or is not a valid one
cli-usage-object = an object’s address is s3://BUCKET/KEY
cli-usage-endpoint-holds-bucket = the endpoint holds the bucket “{ $bucket }”: give { $endpoint }, and name the bucket in s3://{ $bucket }/
cli-usage-region = a region is made of letters, digits, - and _, for example ap-northeast-2
cli-usage-pair = has to be NAME=VALUE
cli-usage-tags-too-many = an object has { $most } tags at most
cli-usage-tag-name-length = a tag’s name has 1 to 128 characters
cli-usage-tag-value-length = a tag’s value has 256 characters at most
cli-usage-tag-character = S3 takes letters, digits, spaces and + - = . _ : / @ in a tag, and not “{ $character }”
cli-usage-tag-reserved = names that begin with aws: are Amazon’s own
cli-usage-tag-twice = an object has one tag of each name
cli-usage-format = has to be one of { $known }, or template=TEXT
cli-usage-template = an own form holds at least one of {"{url}"}, {"{name}"}, {"{key}"}, {"{bucket}"}, {"{s3}"}, {"{arn}"}
cli-usage-expires-of-form = --expires signs a web address, and the form “{ $form }” has none
cli-usage-expiry = a signed link works for 1 second at least and 7 days at most
cli-usage-time-unit = { $unit } is not a unit of time; the units are s, m, h and d
cli-usage-duration = a duration is a number and s, m, h or d, for example 30m
cli-usage-too-long = that is too long
cli-usage-receipt-source = --receipt { $path }: that is a file that is uploaded, or would be made in a folder that is; name another place
cli-usage-receipt-folder = --receipt { $path }: that is a folder; name a file in it
cli-usage-receipt-device = --receipt { $path }: that is a disk or a socket; name a file
cli-usage-receipt-foreign = --receipt { $path }: this file is there and is no receipt of Bucketdrop, so it is not replaced; name another, or move it away
cli-usage-rate = a rate is in bytes a second, for example 8000, 500k, 2M or 1.5MiB
cli-usage-rate-too-low = the lowest rate is 1k, 1000 bytes a second: servers give up on what comes slower
cli-usage-rate-too-high = that is more than any line carries
