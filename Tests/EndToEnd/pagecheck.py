"""Checks of an HTML page that need no browser: structure, accessibility, loads, contrast."""

import re
from html.parser import HTMLParser

VOID = {"meta", "br", "link", "img", "input", "hr", "rect", "circle", "line", "path", "polygon"}
LOADS = {"script", "link", "iframe", "object", "embed", "img", "image", "audio", "video", "source",
         "base", "form", "use", "feimage", "foreignobject", "animate", "set"}


class Page(HTMLParser):
    """A page taken apart; `problems` has everything that is wrong with it."""

    def __init__(self, text):
        super().__init__()
        self.problems, self.open, self.ids, self.texts = [], [], set(), []
        self.headings, self.targets, self.elements = [], [], []
        self.labels, self.tables, self.pictures = [], [], []
        self.css = ""
        self.feed(text)
        self.close()
        if self.open:
            self.problems.append(f"not closed: {self.open}")
        self._check()

    # Parsing --------------------------------------------------------------------------------

    def handle_starttag(self, tag, pairs):
        attributes = dict(pairs)
        self.elements.append((tag, attributes))
        if len(attributes) != len(pairs):
            self.problems.append(f"<{tag}> has an attribute twice: {pairs}")
        if tag in LOADS:
            self.problems.append(f"<{tag}> loads, sends or scripts")
        for name, value in pairs:
            if name.startswith("on") or re.search(r"javascript:|data:|https?:|//", value or "") \
                    and name not in ("xmlns", "content", "datetime"):
                self.problems.append(f"<{tag} {name}={value!r}>")
        if "id" in attributes:
            if attributes["id"] in self.ids:
                self.problems.append(f"the id {attributes['id']} twice")
            self.ids.add(attributes["id"])
        self.targets += [part for name in ("aria-labelledby", "aria-describedby")
                         for part in attributes.get(name, "").split()]
        if attributes.get("href", "").startswith("#"):
            self.targets.append(attributes["href"][1:])
        if tag == "table":
            self.tables.append({"caption": False, "heads": 0, "rows": []})
        if tag == "tr" and self.tables:
            self.tables[-1]["rows"].append([])
        if tag in ("th", "td"):
            self.tables[-1]["rows"][-1].append((tag, attributes.get("scope")))
        if tag == "caption":
            self.tables[-1]["caption"] = True
        if tag == "svg":
            self.pictures.append({"attributes": attributes, "title": False, "desc": False})
        if tag in ("title", "desc") and "svg" in self.open:
            self.pictures[-1][tag] = True
        if tag in ("h1", "h2", "h3", "h4"):
            self.headings.append([int(tag[1]), ""])
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, pairs):
        self.handle_starttag(tag, pairs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        if not self.open or self.open[-1] != tag:
            self.problems.append(f"</{tag}> where {self.open[-1:]} is open")
        else:
            self.open.pop()

    def handle_data(self, data):
        if self.open and self.open[-1] == "style":
            self.css += data
            return
        self.texts.append(data)
        if self.open and self.open[-1] in ("h1", "h2", "h3", "h4"):
            self.headings[-1][1] += data

    # Checks ---------------------------------------------------------------------------------

    def _check(self):
        names = [tag for tag, _ in self.elements]
        html = next(attributes for tag, attributes in self.elements if tag == "html")
        self._want(html.get("lang") == "en", "the page has a language")
        self._want(names.count("main") == 1, "one main")
        self._want("title" in names, "a title")
        self._want(any(attributes.get("name") == "viewport" for tag, attributes in self.elements
                       if tag == "meta"), "a viewport")
        first = next((attributes for tag, attributes in self.elements if tag == "a"), {})
        self._want(first.get("href") == "#content", "the first link skips to the content")
        for target in self.targets:
            self._want(target in self.ids, f"#{target} is there")
        self._want([level for level, _ in self.headings].count(1) == 1, "one h1")
        for (before, _), (level, text) in zip(self.headings, self.headings[1:]):
            self._want(level <= before + 1, f"the heading {text!r} skips no level")
        for _, text in self.headings:
            self._want(text.strip(), "a heading has text")
        for table in self.tables:
            self._want(table["caption"], "a table has a caption")
            widths = {len(row) for row in table["rows"]}
            self._want(len(widths) == 1, f"rows are equally wide: {widths}")
            self._want(
                all(cell == ("th", "col") for cell in table["rows"][0]), "columns have heads"
            )
            for row in table["rows"][1:]:
                self._want(row[0] == ("th", "row"), "rows have heads")
        for picture in self.pictures:
            attributes = picture["attributes"]
            self._want(attributes.get("role") == "img" and "aria-labelledby" in attributes
                       and picture["title"] and picture["desc"], "a picture says what it is")
        for tag, attributes in self.elements:
            if "tabindex" in attributes:
                self._want(attributes["tabindex"] == "0" and attributes.get("role") == "region"
                           and attributes.get("aria-label"), "what scrolls has a role and a name")
        self._want("@import" not in self.css and "url(" not in self.css, "the style loads nothing")
        self._want(
            "@page" in self.css and "break-inside: avoid" in self.css, "it is made for paper"
        )
        for ink, paper in self._pairs():
            self._want(contrast(ink, paper) >= 4.5, f"{ink} on {paper}: {contrast(ink, paper):.2f}")

    def _want(self, holds, what):
        if not holds:
            self.problems.append(f"not so: {what}")

    def _pairs(self):
        """Every pair of colours that text is set in, as far as the style says so."""
        root = dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", self.css))
        self._want({"ink", "soft", "accent", "paper", "panel"} <= set(root), "colours are named")

        def colour(value):
            match = re.fullmatch(r"var\(--([a-z]+)\)", value)
            return root[match.group(1)] if match else value

        pairs = {(root[name], root["paper"]) for name in ("ink", "soft", "accent")}
        pairs |= {(root[name], root["panel"]) for name in ("ink", "soft")}
        for body in re.findall(r"\{([^{}]*)\}", self.css):
            rule = dict(re.findall(r"(?<![-a-z])(color|background): ([^;]+)(?:;|$)", body))
            if len(rule) == 2:
                pairs.add((colour(rule["color"]), colour(rule["background"])))
        pairs |= {(fill, root["paper"]) for fill in re.findall(r"fill: (#[0-9a-f]{6})", self.css)}
        return sorted(pairs)


def contrast(one, other):
    """The ratio of WCAG 2.2 between two colours."""
    def luminance(text):
        parts = [int(text[index:index + 2], 16) / 255 for index in (1, 3, 5)]
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
                  for part in parts]
        return sum(share * part for share, part in zip((0.2126, 0.7152, 0.0722), linear))
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
