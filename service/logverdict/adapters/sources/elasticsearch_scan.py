"""The functions of the script that make the key of a text: `analysis.key`, in one pass over the characters."""

from logverdict.adapters.sources.elasticsearch_statuses import STATUSES
from logverdict.analysis.key_words import LONGEST

# No regular expressions: they take five times as long, and long texts make the server refuse the whole search.
# Signs are numbers, as Painless has no literals for them: 48 to 57 are digits, 95 is `_`, 27 begins a colour.
_WORDS = """
boolean word(int c) {
  return c >= 97 ? c <= 122 : (c >= 65 ? c <= 90 || c == 95 : c >= 48 && c <= 57);
}
boolean quote(int c) { return c == 34 || c == 39; }
boolean gap(int c) { return c == 32 || c == 58 || c == 61; }
int wordBefore(String text, int floor, int at) {
  int start = at;
  while (start > floor && at - start < LONGEST && word(text.charAt(start - 1))) { start--; }
  return start > 0 && word(text.charAt(start - 1)) ? at : start;
}
boolean named(String text, int start, int end, Map words) {
  if (end - start < 2) { return false; }
  int c = text.charAt(end - 1) | 32;
  if ((c < 97 || c > 104 || c == 98) && (c < 108 || c > 112 || c == 109) && (c < 114 || c > 116) && c != 121) {
    return false;
  }
  return words.containsKey(text.substring(start, end).toLowerCase(Locale.ROOT));
}
boolean worded(String text, int floor, int end, Map words) {
  int start = wordBefore(text, floor, end);
  if (named(text, start, end, words)) { return true; }
  if (start == end || start - 1 <= floor || text.charAt(start - 1) != 32) { return false; }
  int first = wordBefore(text, floor, start - 1);
  return first < start - 1 && named(text, first, end, words);
}
boolean said(String text, int floor, int at, Map words) {
  int p = at - 1;
  if (p <= floor || text.charAt(p) != 32) { return false; }
  if (text.charAt(p - 1) == 58) { p--; }
  return worded(text, floor, p, words);
}
boolean cached(String text, int floor, int at) {
  int p = at - 1;
  if (p < floor || text.charAt(p) != 47) { return false; }
  int s = p;
  while (s > floor && word(text.charAt(s - 1)) && text.charAt(s - 1) > 57) { s--; }
  if (p - s < 5 || (s > 0 && word(text.charAt(s - 1)))) { return false; }
  return text.regionMatches(true, s, "tcp_", 0, 4) || text.regionMatches(true, s, "udp_", 0, 4)
    || (p - s > 5 && text.regionMatches(true, s, "none_", 0, 5));
}
boolean coded(String text, int floor, int at, boolean three, Map params) {
  if (at == floor) { return false; }
  int p = at;
  if (quote(text.charAt(p - 1))) { p--; }
  for (int n = 0; n < 2 && p > floor && gap(text.charAt(p - 1)); n++) { p--; }
  if (p > floor && quote(text.charAt(p - 1))) { p--; }
  if (p < at) {
    if (worded(text, floor, p, (Map) params.codes)) { return true; }
    if (three && worded(text, floor, p, (Map) params.answers)) { return true; }
  }
  if (three && (said(text, floor, at, (Map) params.said) || cached(text, floor, at))) { return true; }
  p = at;
  if (text.charAt(p - 1) == 32) { p--; }
  if (p == floor || text.charAt(p - 1) == 32 || !gap(text.charAt(p - 1))) { return false; }
  p--;
  if (p > floor && quote(text.charAt(p - 1))) { p--; }
  return named(text, wordBefore(text, floor, p), p, (Map) params.tallies);
}
"""
_KEY = """
int request(String text, int floor, int at, int end, Map methods) {
  if (at < floor + 5 || text.charAt(at - 1) != 47 || !text.regionMatches(true, at - 5, "http", 0, 4)) { return -1; }
  if (wordBefore(text, floor, at - 1) != at - 5) { return -1; }
  int p = at + 1;
  if (p + 1 < end && text.charAt(p) == 46 && text.charAt(p + 1) >= 48 && text.charAt(p + 1) <= 57) { p += 2; }
  if (p < end && text.charAt(p) == 34) { p++; }
  if (p == end || text.charAt(p) != 32) { return -1; }
  p++;
  int from = p;
  while (p < end && p < from + 2 && (text.charAt(p) == 45 || text.charAt(p) == 61 || text.charAt(p) == 62)) { p++; }
  p = p > from && p < end && text.charAt(p) == 32 ? p + 1 : from;
  if (p < end && quote(text.charAt(p))) { p++; }
  for (int n = 0; n < 2 && p < end && gap(text.charAt(p)); n++) { p++; }
  if (p < end && quote(text.charAt(p))) { p++; }
  from = p;
  while (p < end && text.charAt(p) >= 48 && text.charAt(p) <= 57) { p++; }
  if (p == from || p > from + 3 || (p < end && word(text.charAt(p)))) { return -1; }
  return answered(text, from, p, end, methods) ? -1 : p;
}
int tally(String text, int at, int end, Map params) {
  Map tallies = params.tallies;
  if (at == end || text.charAt(at) != 32) { return -1; }
  int p = at + 1;
  while (p < end && p - at < 13 && word(text.charAt(p))) { p++; }
  if ((p < end && word(text.charAt(p))) || !named(text, at + 1, p, tallies)) { return -1; }
  int q = p < end && quote(text.charAt(p)) ? p + 1 : p;
  if (q == end || (text.charAt(q) != 58 && text.charAt(q) != 61)) { return p; }
  q++;
  if (q < end && text.charAt(q) == 32) { q++; }
  int from = q;
  while (q < end && text.charAt(q) >= 48 && text.charAt(q) <= 57) { q++; }
  if (q == from || q > from + 3 || (q < end && word(text.charAt(q)))) { return p; }
  return answered(text, from, q, end, (Map) params.methods) ? p : q;
}
int kept(String text, int floor, int start, int at, int to, int end, Map params) {
  Map methods = params.methods;
  if (start > 0 && word(text.charAt(start - 1))) { return -1; }
  for (int p = at + 1; p < to; p++) { if (text.charAt(p) > 57) { return -1; } }
  boolean three = status(text, at, to);
  if (start < at) {
    if (worded(text, floor, at, (Map) params.codes)) { return to; }
    return three && worded(text, floor, at, (Map) params.answers) ? to : -1;
  }
  if (coded(text, floor, at, three, params) || answered(text, at, to, end, methods)) { return to; }
  if (to > at + 1) { return -1; }
  int found = request(text, floor, at, end, methods);
  return found < 0 && text.charAt(at) == 48 ? tally(text, to, end, params) : found;
}
String keyed(String text, Map params) {
  int end = text.length();
  int most = params.most;
  if (end > most && text.codePointCount(0, end) > most) { end = text.offsetByCodePoints(0, most); }
  StringBuilder out = new StringBuilder();
  int from = 0;
  int floor = 0;
  int i = 0;
  while (i < end) {
    int c = text.charAt(i);
    if (c > 57 || (c < 48 && c != 27)) { i++; continue; }
    if (c == 27) {
      int p = i + 1;
      if (p < end && text.charAt(p) == 91) {
        p++;
        while (p < end && text.charAt(p) >= 48 && text.charAt(p) <= 59 && text.charAt(p) != 58) { p++; }
        int last = p < end ? text.charAt(p) : 0;
        if (word(last) && last >= 65 && last != 95) {
          out.append(text, from, i).append('#');
          p++;
          from = p;
          floor = p;
          i = p - 1;
        }
      }
      i++;
      continue;
    }
    int start = i;
    while (start > floor && word(text.charAt(start - 1))) { start--; }
    int to = i + 1;
    while (to < end && word(text.charAt(to))) { to++; }
    int until = to > i + 3 ? -1 : kept(text, floor, start, i, to, end, params);
    if (until < 0) {
      out.append(text, from, start).append('#');
    } else {
      out.append(text, from, until).append('#');
      to = until < end && text.charAt(until) == 35 ? until + 1 : until;
    }
    from = to;
    floor = to;
    i = to;
  }
  return from == 0 ? (end == text.length() ? text : text.substring(0, end)) : out.append(text, from, end).toString();
}
"""
SCAN = f"{_WORDS.replace('LONGEST', str(LONGEST))}{STATUSES}{_KEY}"
