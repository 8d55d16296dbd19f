#!/usr/bin/env bash
# Cuts the bundled fonts from their npm packages: Pretendard (SIL OFL 1.1) to Latin and Hangul with
# figures of equal width, Phosphor (MIT) to the glyphs named in src/ui/icons.rs.
# Needs npm and python3 with fonttools. Usage: assets/fonts/build.sh
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm pack --silent pretendard@1.3.9 @phosphor-icons/web@2.1.2 >/dev/null
mkdir pretendard phosphor
tar xzf pretendard-*.tgz -C pretendard
tar xzf phosphor-icons-web-*.tgz -C phosphor
cp pretendard/package/dist/LICENSE.txt "$here/Pretendard-LICENSE.txt"
cp phosphor/package/LICENSE "$here/Phosphor-LICENSE.txt"
python3 - "$here" "$root" <<'PY'
import re, sys
from fontTools import subset
from fontTools.ttLib import TTFont

here, root = sys.argv[1:]

def text_font(name):
    font = TTFont(f"pretendard/package/dist/public/static/{name}.otf", recalcTimestamp=False)
    # Figures of equal width: the tabular alternates become the plain digits.
    gsub = font["GSUB"].table
    tabular = {}
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag == "tnum":
            for index in record.Feature.LookupListIndex:
                for table in gsub.LookupList.Lookup[index].SubTable:
                    tabular.update(getattr(getattr(table, "ExtSubTable", table), "mapping", {}))
    for table in font["cmap"].tables:
        for digit in range(0x30, 0x3A):
            if digit in table.cmap:
                table.cmap[digit] = tabular.get(table.cmap[digit], table.cmap[digit])
    ranges = [(0x20, 0x7E), (0xA0, 0x17F), (0x1E00, 0x1EFF), (0x192, 0x192), (0x218, 0x21B), (0x2C6, 0x2DD),
              (0x300, 0x36F), (0x2010, 0x2027), (0x2030, 0x205E), (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x2122),
              (0x2190, 0x21FF), (0x2200, 0x2265), (0x25A0, 0x25CF), (0x3000, 0x3020), (0x1100, 0x11FF),
              (0x3131, 0x318E), (0xA960, 0xA97F), (0xAC00, 0xD7A3), (0xD7B0, 0xD7FF), (0xFF01, 0xFF60)]
    wanted = [c for first, last in ranges for c in range(first, last + 1)]
    options = subset.Options()
    options.layout_features = ["kern", "ccmp", "mark", "mkmk", "locl", "ljmo", "vjmo", "tjmo"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.hinting = False
    options.desubroutinize = False
    options.glyph_names = False
    options.notdef_outline = True
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=wanted)
    cutter.subset(font)
    metrics = font["hmtx"]
    widths = {metrics[font.getBestCmap()[d]][0] for d in range(0x30, 0x3A)}
    assert len(widths) == 1, widths
    font.save(f"{here}/{name}.otf")

def icon_font():
    wanted = {int(code, 16) for code in re.findall(r'= "\\u\{([0-9a-f]+)\}"', open(f"{root}/src/ui/icons.rs").read())}
    font = TTFont("phosphor/package/src/regular/Phosphor.ttf", recalcTimestamp=False)
    filled = TTFont("phosphor/package/src/fill/Phosphor-Fill.ttf")
    from fontTools.ttLib.tables._c_m_a_p import CmapSubtable
    names = font.getBestCmap()
    mapping = {code: names[code] for code in wanted if code < 0xF0000}
    glyphs, metrics = font["glyf"], font["hmtx"]
    order = font.getGlyphOrder()
    for code in sorted(code for code in wanted if code >= 0xF0000):
        source = filled.getBestCmap()[code & 0xFFFF]
        name = f"fill{code:x}"
        glyph = filled["glyf"][source]
        assert not glyph.isComposite()
        glyphs[name] = glyph
        metrics[name] = filled["hmtx"][source]
        mapping[code] = name
    table = CmapSubtable.newSubtable(12)
    table.platformID, table.platEncID, table.format, table.reserved, table.language = 3, 10, 12, 0, 0
    table.length, table.nGroups = 0, 0
    table.cmap = mapping
    font["cmap"].tables = [table]
    options = subset.Options()
    options.layout_features = []
    options.glyph_names = False
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=mapping)
    cutter.subset(font)
    font.save(f"{here}/Phosphor.ttf")

text_font("Pretendard-Regular")
text_font("Pretendard-SemiBold")
icon_font()
PY
ls -l "$here"
