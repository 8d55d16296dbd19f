# Settings.

settings-title = Settings
settings-general = General
settings-transfers = Transfers
settings-links = Links
settings-files = Files
settings-as-system = As the system
settings-language = Language
settings-language-english = English
settings-language-korean = 한국어
settings-theme = Appearance
settings-theme-light = Light
settings-theme-dark = Dark
settings-units = Sizes
settings-units-decimal = 1 MB = 1,000,000 bytes
settings-units-binary = 1 MiB = 1,048,576 bytes
settings-display = Display
settings-display-auto = Automatic: X11 where available
settings-display-wayland-note = On Wayland files cannot be dropped on the window yet; paste them or use Upload files
settings-renderer = Renderer
settings-renderer-auto = Automatic
settings-renderer-wgpu = Vulkan, Metal or DirectX
settings-next-start = Display and renderer take effect at the next start

settings-on-conflict = Name already there
settings-conflict-ask = Ask
settings-conflict-skip = Skip
settings-conflict-overwrite = Overwrite
settings-conflict-rename = Keep both
settings-conflict-newer = Overwrite only if newer
settings-files-at-once = Files at once
settings-files-automatic = Automatic
settings-speed = Upload speed
settings-speed-none = No limit
settings-speed-unreadable = Type a number with its unit, for example 2 MB/s, or leave it empty
settings-hours = At certain hours
settings-hours-none = No other speed
settings-hours-unlimited = No limit
settings-hours-nothing = Upload nothing
settings-hours-limited = Another limit
settings-hours-speed = Speed then
settings-hours-speed-unreadable = Type a number with its unit, for example 500 KB/s
settings-hours-when = From – to
settings-hours-from = From
settings-hours-to = To
settings-hours-until = –
settings-hours-whole-day = The whole day
settings-hours-over-midnight = Over midnight, by this computer’s clock
settings-resume-at-start = Unfinished uploads
settings-resume-continue = Go on at the next start
settings-resume-ask = Ask at the next start
settings-verify = Proof of upload
settings-verify-proof = Checksum from the server
settings-verify-read-back = Read back and compare every file
settings-keep-awake = While busy
settings-awake-while-busy = Keep the computer awake
settings-awake-never = Let it sleep as the system says
settings-system-files = Never upload
settings-system-files-note = Names left out of folders, one a line; * stands for anything. What is left out is listed after each upload.

settings-link-format = Copy links as
settings-link-format-url = URL
settings-link-format-markdown = Markdown
settings-link-format-html = HTML
settings-link-format-s3 = s3:// URI
settings-copy-when-done = When a batch is done
settings-copy-links = Copy its links
settings-copy-nothing = Copy nothing
settings-presign-life = Expiring links
settings-presign-note = How long an expiring link works unless you choose otherwise

settings-file = Settings file
settings-log-folder = Logs
settings-open = Open
settings-open-what = Open: { $what }
settings-files-no-secrets = No secret is in these files: secrets are in the system keychain only
settings-files-unknown = Not known yet
