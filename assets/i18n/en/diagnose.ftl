# What a service does with wrong writes, found out with one tiny object.
command-diagnose-connection = Diagnose writing…
command-keywords-diagnose-connection = checksum integrity condition overwrite capability

dialog-diagnose-title = Diagnose writing
dialog-diagnose-what = Finds out whether this service checks what it stores, and whether it refuses to overwrite when asked not to. Amazon S3 does both; not every service does.
dialog-diagnose-consent = To find out, one object of about 100 bytes is written a few times, partly with a wrong checksum, and then removed with all its versions:
dialog-diagnose-key = { $place }.bucketdrop-diagnosis-…
dialog-diagnose-may-notify = Whatever watches this bucket, such as event rules or replication, will notice
dialog-diagnose-start = Write and remove it
dialog-diagnose-running = Writing and removing one small object…
dialog-diagnose-verifies = Refuses an object whose bytes do not fit their checksum: its answer to an upload proves what is stored
dialog-diagnose-does-not-verify = Takes checksums, but stores an object whose bytes do not fit them: each upload needs another proof
dialog-diagnose-takes-none = Takes no checksum of the kinds that Bucketdrop sends: each upload needs another proof
dialog-diagnose-honours = Refuses to overwrite when asked not to, so nothing is overwritten unasked even when two programs upload at once
dialog-diagnose-ignores = Overwrites although asked not to: names are looked up before an upload, yet two programs at once can overwrite each other
dialog-diagnose-removed = The small object is removed again
dialog-diagnose-left = The small object could not be removed; delete it by hand: { $key }
dialog-diagnose-copy-key = Copy key
dialog-diagnose-remembered = Remembered for 30 days; uploads go by it from now on
diagnose-more = Diagnose writing…
