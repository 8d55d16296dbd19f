# What the command line says beside verdicts and failures.
cli-error = error: { $problem }
cli-output-fails = cannot write the output: { $reason }
cli-waiting = waiting: { $reason }; it is tried again without you
cli-waiting-file = “{ $key }” is tried again and again: { $reason }
cli-waiting-step = waiting: { $reason }. { $step }; it is tried again without you
cli-waiting-kept = { $waits }. Ctrl-C keeps the upload for `bucketdrop-cli resume`
cli-waiting-check-network = Check the network
cli-waiting-make-room = Free some space or raise the quota
cli-waiting-set-clock = Set date, time and time zone to automatic
cli-waiting-sign-in = Open a browser and sign in to the network
cli-waiting-held = waiting: the queue is held in the window; let it go on there, or run `bucketdrop-cli resume`
cli-waiting-hours = waiting: the bandwidth plan allows no uploads at this hour
cli-goes-on = The wait is over.
cli-renewing = The keys have expired: they are read anew from where they came
cli-interrupted = Interrupted: what was not finished stays undone.
cli-interrupted-waits = Interrupted: `bucketdrop-cli resume` goes on where this stopped.
cli-interrupted-elsewhere = Interrupted: the Bucketdrop that is running goes on with this upload.
cli-rest-waits = What is left waits: `bucketdrop-cli resume` goes on with it.
cli-rest-elsewhere = What is left is in the queue of the Bucketdrop that is running, which goes on with it.
cli-not-public = Stored, but not public: { $reason }. { $advice }
cli-lost = The Bucketdrop that carries this upload out no longer says how it goes
cli-lost-advice = What is left is in its queue: it goes on by itself or, if the window was closed, at its next start or with `bucketdrop-cli resume`
cli-local-links-while-it-runs = These links open while the window or `bucketdrop-cli serve` runs on this computer.
cli-local-links-of-another = These links open while the Bucketdrop runs that serves this storage.
cli-local-links-dead = These links do not open: the storage ends with this command, and without a system keychain its next run has new keys. Run `bucketdrop-cli serve` beside it: links made while it runs open until it ends.
cli-waiting-from-earlier = Waiting from an earlier run: { $number }; `bucketdrop-cli resume` goes on with them.
cli-sum = { $done } done ({ $bytes }), { $skipped } left out, { $failed } failed, { $seconds } s
cli-progress = { $percent } %  { $done } of { $files } files  { $sent } of { $total }
cli-progress-left = { $time } left
cli-left-secs = { $secs } s
cli-left-minutes = { $minutes } min
cli-left-hours = { $hours } h { $minutes } min
cli-handed-over = The Bucketdrop that is running carries this upload out.
cli-resume-handed-over = The Bucketdrop that is running goes on with its queue.
cli-resume-without-limits = --jobs and --bandwidth are not for the Bucketdrop that is running: it keeps to the limits of its settings.
cli-not-handed-over = A Bucketdrop is running, but { $reason }: this upload is done here.
cli-not-handed-limits = --jobs and --bandwidth are for uploads of this command only
cli-not-handed-receipt = with --receipt a command uploads by itself
cli-not-handed-keys = this upload’s keys come from the environment (AWS_…)
cli-not-handed-refused = it did not take this upload
cli-nothing-to-resume = There is nothing to go on with: every upload has ended.
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
cli-receipt-sum = { $same } same, { $changed } changed, { $gone } gone, { $unknown } unknown

# What is wrong with the arguments.
cli-usage-say-yes = nothing was deleted; say --yes to delete
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
cli-usage-region = a region is made of a-z, 0-9 and -, for example ap-northeast-2
cli-usage-pair = has to be NAME=VALUE
cli-usage-format = has to be one of { $known }, or template=TEXT
cli-usage-template = an own form holds at least one of {"{url}"}, {"{name}"}, {"{key}"}, {"{bucket}"}, {"{s3}"}, {"{arn}"}
cli-usage-expires-of-form = --expires signs a web address, and the form “{ $form }” has none
cli-usage-expiry = a signed link works for 1 second at least and 7 days at most
cli-usage-time-unit = { $unit } is not a unit of time; the units are s, m, h and d
cli-usage-duration = a duration is a number and s, m, h or d, for example 30m
cli-usage-too-long = that is too long
cli-usage-rate = a rate is in bytes a second, for example 800, 500k, 2M or 1.5MiB
cli-usage-rate-too-low = nothing would ever arrive at that rate
cli-usage-rate-too-high = that is more than any line carries
