# Words used everywhere: commands, time, sizes, toasts.
app-name = Bucketdrop

command-upload-files = Upload files…
command-upload-folder = Upload folder…
command-paste-files = Paste files or an image
command-download = Download…
command-open = Open
command-delete = Delete…
command-new-folder = New folder…
command-select-all = Select all
command-copy-url = Copy URL
command-copy-markdown = Copy as Markdown
command-copy-html = Copy as HTML
command-copy-s3-uri = Copy S3 URI
command-copy-signed-link = Copy link that expires…
command-copy-uploaded-urls = Copy URLs of finished uploads
command-back = Back
command-forward = Forward
command-up = Up one folder
command-reload = Reload
command-filter = Filter this folder
command-stop-loading = Stop loading
command-edit-path = Go to path…
command-add-place = Add to places…
command-new-connection = New connection…
command-edit-connection = Edit connection…
command-test-connection = Test connection
command-duplicate-connection = Duplicate connection
command-delete-connection = Delete connection…
command-use-aws-profile = Use an AWS profile on this computer…
command-try-this-computer = Try it on this computer
command-new-bucket = New bucket…
command-delete-bucket = Delete bucket…
command-pause-all = Pause all
command-resume-all = Resume all
command-hold-queue = Hold the queue
command-go-on = Go on
command-cancel-all = Cancel all…
command-retry-failed = Retry failed
command-clear-finished = Clear finished
command-remove-failed = Remove failed…
command-when-done-nothing = When all is done: do nothing
command-when-done-sleep = When all is done: let the computer sleep
command-when-done-quit = When all is done: quit Bucketdrop
command-toggle-transfers = Show or hide transfers
command-toggle-inspector = Show or hide details
command-usual-widths = Usual column widths
command-palette = All commands…
command-settings = Settings…
command-switch-theme = Switch light and dark
command-switch-language = 한국어로 전환
command-show-messages = Messages
command-about = About Bucketdrop
command-quit = Quit

command-keywords-switch-language = language english korean
command-keywords-switch-theme = theme mode appearance colors colours
command-keywords-settings = preferences options
command-keywords-delete = remove
command-keywords-reload = refresh
command-keywords-add-place = bookmark favourite favorite
command-keywords-copy-signed-link = presigned temporary share
command-keywords-show-messages = notifications history
command-keywords-about = version licence license
command-keywords-hold-queue = pause stop offline
command-keywords-when-done = shutdown suspend afterwards end finish
command-keywords-quit = exit close

command-group-objects = Objects
command-group-links = Links
command-group-go = Go
command-group-connection = Connection
command-group-transfers = Transfers
command-group-window = Window

palette-title = Commands
palette-hint = Type a command
palette-empty = No command matches
palette-help = Arrows to choose, Enter to do it, Esc to close
about-title = About Bucketdrop
about-what = Gets files into S3 and hands out their links
about-version = Version { $version }
about-licence = MIT or Apache-2.0
about-fonts = Typeface: Pretendard (SIL OFL 1.1) · Icons: Phosphor (MIT) · Monospace: Hack (MIT)
about-copy = Copy version details
about-close = Close

toast-close = Close message
toast-repeated = { $count ->
   *[other] { $number } times
}
toast-now = just now
toast-minutes-ago = { $count ->
    [one] 1 minute ago
   *[other] { $number } minutes ago
}
toast-hours-ago = { $count ->
    [one] 1 hour ago
   *[other] { $number } hours ago
}
toast-show-details = Show details
toast-hide-details = Hide details
toast-copy-details = Copy details
toast-history = Messages
toast-history-empty = No messages yet
toast-close-history = Close messages
notice-details-copied = Details copied
notice-no-public-address = This object has no public address; copy a link that expires, or set a domain in the connection

remaining-moment = a few seconds left
remaining-secs = { $secs } s left
remaining-mins = { $mins } min left
remaining-hours = { $hours } h { $mins } min left
remaining-days = { $days } days left
span-secs = { $secs } s
span-mins = { $mins } min
span-hours = { $hours } h
span-hours-mins = { $hours } h { $mins } min
span-days = { $count ->
    [one] 1 day
   *[other] { $number } days
}
