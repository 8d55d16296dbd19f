# Unfinished multipart uploads of a bucket.
command-unfinished-uploads = Unfinished uploads…
command-keywords-unfinished-uploads = multipart incomplete abort parts cost leftovers

dialog-unfinished-title = Unfinished uploads in { $bucket }
dialog-unfinished-what = Parts of uploads that were begun and never finished. No listing shows them, yet they are kept, and on most services paid for, until somebody aborts them.
dialog-unfinished-loading = Asking for unfinished uploads…
dialog-unfinished-none = No unfinished uploads
dialog-unfinished-none-advice = Every upload to this bucket was finished or aborted
dialog-unfinished-total = { $count ->
    [one] 1 upload, { $size }
   *[other] { $number } uploads, { $size }
}
dialog-unfinished-total-at-least = { $count ->
    [one] 1 upload, at least { $size }
   *[other] { $number } uploads, at least { $size }
}
dialog-unfinished-cost = roughly { $usd } a month
dialog-unfinished-cost-tiny = less than { $usd } a month
dialog-unfinished-row-cost = ~{ $usd } a month
dialog-unfinished-row-cost-tiny = under { $usd } a month
dialog-unfinished-cost-note = A rough figure: the list price of { $service }’s standard class. Region and contract change it.
dialog-unfinished-cost-unknown = What keeping them costs depends on the service
dialog-unfinished-cost-disk = They take this much of this computer’s disk
dialog-unfinished-rule-all = { $count ->
    [one] A lifecycle rule of this bucket aborts unfinished uploads by itself a day after they were begun.
   *[other] A lifecycle rule of this bucket aborts unfinished uploads by itself { $number } days after they were begun.
}
dialog-unfinished-rule-prefix = { $count ->
    [one] A lifecycle rule of this bucket aborts unfinished uploads whose keys begin with “{ $prefix }” by itself a day after they were begun.
   *[other] A lifecycle rule of this bucket aborts unfinished uploads whose keys begin with “{ $prefix }” by itself { $number } days after they were begun.
}
dialog-unfinished-rule-more = { $count ->
    [one] There is another such rule.
   *[other] There are { $number } other such rules.
}
dialog-unfinished-rule-none = No lifecycle rule of this bucket aborts unfinished uploads by itself.
dialog-unfinished-rule-unread = These keys may not read whether a lifecycle rule of this bucket aborts unfinished uploads by itself.
dialog-unfinished-rule-not-offered = This service does not tell of lifecycle rules that abort unfinished uploads.
dialog-unfinished-owner-queue = In the transfers
dialog-unfinished-owner-left = Left by Bucketdrop
dialog-unfinished-owner-other = Someone else’s
dialog-unfinished-owner-queue-hint = A transfer of this Bucketdrop goes on with it. Aborting it cancels that transfer
dialog-unfinished-owner-left-hint = This Bucketdrop began it and does not need it any more
dialog-unfinished-owner-other-hint = Another program began it, or Bucketdrop on another computer. It may still be under way
dialog-unfinished-started = begun { $time }
dialog-unfinished-started-ago = begun { $time }, { $age } ago
dialog-unfinished-begun-ago = { $age } ago
dialog-unfinished-started-unknown = begun at an unknown time
dialog-unfinished-parts = { $count ->
    [0] no parts
    [one] 1 part
   *[other] { $number } parts
}
dialog-unfinished-parts-unknown = parts unknown
dialog-unfinished-size-unknown = size unknown
dialog-unfinished-resume = Go on
dialog-unfinished-resume-item = Go on with { $key }
dialog-unfinished-abort = Abort…
dialog-unfinished-abort-item = Abort the upload of { $key }
dialog-unfinished-reload = Ask again
dialog-unfinished-freed = { $count ->
    [one] 1 upload aborted, { $size } freed
   *[other] { $number } uploads aborted, { $size } freed
}
dialog-unfinished-freed-uncounted = { $count ->
    [one] 1 upload aborted; what that has freed cannot be counted with these keys
   *[other] { $number } uploads aborted; what that has freed cannot be counted with these keys
}
notice-unfinished-goes-on = The upload goes on in the transfers

dialog-abort-title = Abort this upload?
dialog-abort-frees = Frees { $size } in { $count ->
    [one] 1 part
   *[other] { $number } parts
}. What was uploaded of this file is deleted for good; the file itself and finished objects stay.
dialog-abort-frees-nothing = It holds no part yet. Finished objects stay.
dialog-abort-frees-unknown = How much it holds is not known: these keys may not list its parts. What was uploaded of this file is deleted for good; finished objects stay.
dialog-abort-other = If another program is still sending it, that upload fails
dialog-abort-transfer = Bucketdrop has yet to finish this upload: its transfer is cancelled
dialog-abort-button = Abort and free { $size }
dialog-abort-button-plain = Abort upload
dialog-abort-running = Aborting, then counting what is left…
