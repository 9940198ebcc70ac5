import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { partsOf } from "./markdown";

function html(text: string): string {
  return partsOf(text).map((part) => (part.type === "html" ? part.html : `[${part.language}: ${part.code}]`)).join("");
}

describe("what the assistant says", () => {
  test("is split into code and the rest", () => {
    assert.deepEqual(partsOf("So:\n\n```python\nx = 1\n```\n\n- a\n- b\n").map(({ type }) => type), ["html", "code", "html"]);
    assert.deepEqual(partsOf("```python\nx = 1\ny = 2\n```")[0], { type: "code", language: "python", code: "x = 1\ny = 2" });
  });

  test("that is not closed yet is code too", () => {
    assert.deepEqual(partsOf("```python\nx = ")[0], { type: "code", language: "python", code: "x = " });
  });

  test("keeps its earlier parts while it grows", () => {
    const text = "# A\n\nSome *words*.\n\n```\ncode\n```\n\nThe end.";
    const whole = partsOf(text);
    for (let length = 1; length < text.length; length++) {
      const parts = partsOf(text.slice(0, length));
      assert.deepEqual(parts.slice(0, -1), whole.slice(0, Math.max(0, parts.length - 1)));
    }
  });

  test("has tables and strikethrough", () => {
    assert.match(html("|a|b|\n|-|-|\n|1|~~2~~|"), /<table>.*<s>2<\/s>/s);
  });
});

describe("nothing in it loads or runs", () => {
  test("HTML is text", () => {
    assert.equal(html("<img src=x onerror=alert(1)>"), "<p>&lt;img src=x onerror=alert(1)&gt;</p>\n");
    assert.doesNotMatch(html("a <script>b</script>\n\n<iframe src=//x>"), /<(script|iframe)/);
  });

  test("an image is a link to it", () => {
    const link = html("![a \"plot\"](https://evil.test/p.png?q=1&r=2)");
    assert.doesNotMatch(link, /<img/);
    assert.match(link, /<a href="https:\/\/evil.test\/p.png\?q=1&amp;r=2" target="_blank" rel="noopener noreferrer nofollow">/);
  });

  test("links tell nobody where they come from, and lead to pages alone", () => {
    assert.match(html("[x](https://a.test)"), /target="_blank" rel="noopener noreferrer nofollow"/);
    for (const bad of ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", " java\nscript:x"]) {
      assert.doesNotMatch(html(`[x](${bad}) ![y](${bad}) <${bad}>`), /href/, bad);
    }
  });
});
