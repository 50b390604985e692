"""The functions of the script that tell a status by its place, as the patterns of `analysis.key` do.

Signs are numbers here too (see `elasticsearch_scan`): 32 is a blank, 124 a bar, 40 and 41 are parentheses.
"""

STATUSES = """
boolean letter(int c, int from) { return c >= from && c < from + 26; }
boolean completed(String text, int at, int to, int end) {
  if (at < 10 || to + 3 > end || text.charAt(to) != 32 || !text.startsWith('Completed ', at - 10)) { return false; }
  if (at > 10 && word(text.charAt(at - 11))) { return false; }
  int c = text.charAt(to + 1);
  int d = text.charAt(to + 2);
  if (c == 79 && d == 75) { return true; }
  if (!letter(c, 65) || !letter(d, 97)) { return false; }
  return c != 67 || d != 111 || (to + 3 < end && letter(text.charAt(to + 3), 97) && text.charAt(to + 3) != 109);
}
boolean status(String text, int at, int to) {
  if (to != at + 3 || text.charAt(at) < 49 || text.charAt(at) > 53) { return false; }
  return text.charAt(at + 1) <= 57 && text.charAt(at + 2) <= 57;
}
boolean asked(String text, int at, int to, int end, Map methods) {
  int p = at - 1;
  if (p < 4 || !status(text, at, to)) { return false; }
  int c = text.charAt(p);
  if (c == 34 || c == 39 || c == 40 || c == 91) { p--; }
  if (text.charAt(p) != 32) { return false; }
  for (int n = 0; n < 3; n++) {
    int q = p;
    while (q > 1 && p - q < 2) {
      c = text.charAt(q - 1);
      if (c != 61 && c != 58 && c != 124 && c != 62 && c != 45) { break; }
      q--;
    }
    if (q < p && text.charAt(q - 1) == 32) { p = q - 1; } else { break; }
  }
  if (p > 0 && quote(text.charAt(p - 1))) { p--; }
  int s = p;
  while (s > 0 && text.charAt(s - 1) > 32 && text.charAt(s - 1) < 127 && !quote(text.charAt(s - 1))) { s--; }
  if (s < 4 || s == p) { return false; }
  if (text.charAt(s) != 47) {
    int q = s;
    while (q < p && q < s + 9 && letter(text.charAt(q), 97)) { q++; }
    if (q < s + 2 || q > s + 8 || q + 3 > p || !text.startsWith('://', q)) { return false; }
  }
  p = quote(text.charAt(s - 1)) ? s - 2 : s - 1;
  if (text.charAt(p) != 32) { return false; }
  s = p;
  while (s > 0 && p - s < 8 && letter(text.charAt(s - 1), 65)) { s--; }
  return p > s && (s == 0 || !word(text.charAt(s - 1))) && methods.containsKey(text.substring(s, p));
}
boolean replied(String text, int at, int to) {
  if (at < 11 || !status(text, at, to) || !text.startsWith(' - ', at - 3)) { return false; }
  int s = at - 3;
  while (s > 0 && text.charAt(s - 1) > 32 && text.charAt(s - 1) < 127) { s--; }
  return s < at - 3 && s > 6 && text.startsWith('" from ', s - 7);
}
boolean sent(String text, int at) {
  int s = text.startsWith('Sent ', at - 5) ? at - 5 : (text.startsWith('Chunked ', at - 8) ? at - 8 : -1);
  return s >= 0 && (s == 0 || !word(text.charAt(s - 1)));
}
int column(String text, int at, int end) {
  if (at + 3 > end || !text.startsWith(' | ', at)) { return -1; }
  int p = at + 3;
  while (p < end && text.charAt(p) == 32) { p++; }
  return p;
}
boolean barred(String text, int at, int to, int end, Map methods) {
  int p = at < 2 || !text.startsWith('| ', at - 2) ? -1 : to;
  for (int n = 0; n < 2 && p >= 0; n++) {
    p = column(text, p, end);
    boolean digit = n == 0 && p == to + 3 && p + 5 < end && text.startsWith('<num> ', p);
    if (digit) {
      n = 2;
      p += 5;
    }
    while (p >= 0 && p < end && text.charAt(p) != 32 && text.charAt(p) != 124) {
      if (text.charAt(p) >= 48 && text.charAt(p) <= 57) { digit = true; }
      p++;
    }
    if (!digit) { return false; }
  }
  int s = p < 0 ? -1 : column(text, p, end);
  if (s < 0) { return false; }
  p = s;
  while (p < end && letter(text.charAt(p), 65)) { p++; }
  return p < end && text.charAt(p) == 32 && methods.containsKey(text.substring(s, p));
}
boolean followed(String text, int at, int to, int end, Map methods) {
  int p = to + 1;
  if (p + 3 > end || text.charAt(to) != 32) { return false; }
  int c = text.charAt(p);
  if (c == 124) { return barred(text, at, to, end, methods); }
  if (c == 105) { return text.startsWith('in ', p) && sent(text, at); }
  while (p < end && letter(text.charAt(p), 65)) { p++; }
  if (p + 2 > end || !text.startsWith(' /', p) || !methods.containsKey(text.substring(to + 1, p))) { return false; }
  p++;
  while (p < end && text.charAt(p) > 32 && text.charAt(p) < 127) { p++; }
  if (p + 2 > end || !text.startsWith(' (', p)) { return false; }
  p += 2;
  boolean sign = false;
  while (p < end && text.charAt(p) != 32 && text.charAt(p) != 40 && text.charAt(p) != 41) {
    c = text.charAt(p);
    if (c == 46 || c == 58 || c == 60) { sign = true; }
    p++;
  }
  return sign && p < end && text.charAt(p) == 41;
}
boolean timed(String text, int at, int to, int end, Map methods) {
  int p = at - 1;
  if (p < 9 || text.charAt(p) != 32 || to >= end || text.charAt(to) != 32) { return false; }
  int s = p;
  for (int n = 0; n < 5; n++) {
    boolean digit = false;
    s = p;
    while (s > 0 && word(text.charAt(s - 1))) {
      s--;
      if (text.charAt(s) <= 57) { digit = true; }
    }
    if (!digit) { return false; }
    if (n < 4) {
      int q = s;
      if (q > 0 && (text.charAt(q - 1) == 43 || text.charAt(q - 1) == 45)) { q--; }
      if (q == 0 || text.charAt(q - 1) != 47) { return false; }
      p = q - 1;
    }
  }
  return !asked(text, s, p, end, methods) && !replied(text, s, p);
}
boolean answered(String text, int at, int to, int end, Map methods) {
  if (!status(text, at, to)) { return false; }
  return completed(text, at, to, end) || followed(text, at, to, end, methods) || replied(text, at, to)
    || asked(text, at, to, end, methods) || timed(text, at, to, end, methods);
}
"""
