# Receipts: what batches have stored, saved to a file and held against the bucket later.
command-receipts = Receipts…
command-check-receipt = Check a receipt…
command-keywords-receipts = proof log csv json report checksum
command-keywords-check-receipt = verify proof audit

dialog-receipts-title = Receipts
dialog-receipts-what = A receipt lists what a batch has stored: path, key, size, checksum, version, link. Keep it, and the bucket can be held against it at any time.
dialog-receipts-none = No finished uploads
dialog-receipts-none-advice = Receipts are made of uploads of the last 30 days that are done, also once they are off the list of transfers
dialog-receipts-amount = { $count ->
    [one] 1 file, { $size }
   *[other] { $number } files, { $size }
}
dialog-receipts-save = Save…
dialog-receipts-save-item = Save the receipt of { $place }
dialog-receipts-form-note = Names that end in .json are written as JSON, all others as a CSV table
queue-menu-receipt = Save its batch’s receipt…
choose-receipt-title = Save receipt as
choose-receipt-to-check-title = Receipt to check
notice-receipt-saved = { $count ->
    [0] The receipt is empty: nothing of its batch is in the list any more
    [one] Receipt of 1 file saved
   *[other] Receipt of { $number } files saved
}
receipt-open = Open it
dialog-path-receipt-title = Save receipt to a path
dialog-path-receipt-save = Save receipt
dialog-path-receipt-replaces = An older file of this name is replaced
dialog-path-ca-file-title = File of certificate authorities
dialog-path-ca-file = Use this file
dialog-path-check-title = Check a receipt
dialog-path-check = Next

dialog-receipt-check-title = Check a receipt
dialog-receipt-check-file = Receipt
dialog-receipt-check-through = Connection
dialog-receipt-check-through-own = The one the receipt names
dialog-receipt-check-how = How
dialog-receipt-check-how-proof = Ask the bucket about every object
dialog-receipt-check-how-read-back = Fetch every object and compare its bytes
dialog-receipt-check-how-note = Fetching downloads everything once; most services charge for that
dialog-receipt-check-start = Check
dialog-receipt-check-running = { $count ->
    [0] Checking…
    [one] 1 object checked so far
   *[other] { $number } objects checked so far
}
dialog-receipt-check-stop = Stop
dialog-receipt-check-again = Check again
dialog-receipt-check-all-same = { $count ->
    [0] The receipt lists no object
    [one] The 1 object of the receipt is in the bucket as it was stored
   *[other] All { $number } objects of the receipt are in the bucket as they were stored
}
dialog-receipt-check-stopped = The check was stopped: the rest is not known
dialog-receipt-check-same = { $count ->
    [one] 1 object as it was stored
   *[other] { $number } objects as they were stored
}
dialog-receipt-check-changed = { $count ->
    [one] 1 object holds something else now
   *[other] { $number } objects hold something else now
}
dialog-receipt-check-gone = { $count ->
    [one] 1 object is gone
   *[other] { $number } objects are gone
}
dialog-receipt-check-unknown = { $count ->
    [one] 1 object could not be checked
   *[other] { $number } objects could not be checked
}
dialog-receipt-row-changed = holds something else now
dialog-receipt-row-gone = gone
dialog-receipt-row-unknown = not known
dialog-receipt-row-unknown-why = not known: { $why }
dialog-receipt-more = { $count ->
    [one] And 1 more
   *[other] And { $number } more
}
dialog-receipt-copy = Copy problems
failure-not-a-receipt = { $the-path } is no receipt of Bucketdrop, or it is damaged
failure-not-a-receipt-advice = Choose a receipt as Bucketdrop saved it; files edited by a spreadsheet may have lost their form
failure-receipt-missing = There is no receipt at { $the-path }
failure-receipt-missing-advice = Check the path: the receipt was moved, renamed or deleted
failure-receipt-incomplete = The receipt has no checksum for { $the-key } that could be compared
failure-receipt-incomplete-advice = Check it without reading the objects back: then size, entity tag and version are compared
