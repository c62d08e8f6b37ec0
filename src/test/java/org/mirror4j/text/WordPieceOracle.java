package org.mirror4j.text;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** BERT's WordPiece written down step by step with regular expressions, to compare with. */
final class WordPieceOracle {
  private static final Pattern SPECIAL = Pattern.compile("\\[(?:PAD|UNK|CLS|SEP|MASK)]");
  private static final Pattern DROPPED =
      Pattern.compile("[\\x00\\uFFFD]|(?![\\t\\n\\r])[\\p{Cc}\\p{Cf}\\p{Co}]");
  private static final Pattern IDEOGRAPH =
      Pattern.compile(
          "[\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{20000}-\\x{2A6DF}\\x{2A700}-\\x{2B81F}"
              + "\\x{2B920}-\\x{2CEAF}\\x{F900}-\\x{FAFF}\\x{2F800}-\\x{2FA1F}]");
  private static final Pattern WORD =
      Pattern.compile("[!-/:-@\\[-`{-~\\p{P}]|[^\\s\\p{Z}!-/:-@\\[-`{-~\\p{P}]+");

  private final Map<String, Integer> vocabulary;
  private final boolean lowerCase;

  WordPieceOracle(Map<String, Integer> vocabulary, boolean lowerCase) {
    this.vocabulary = vocabulary;
    this.lowerCase = lowerCase;
  }

  List<String> pieces(String text) {
    List<String> pieces = new ArrayList<>();
    Matcher special = SPECIAL.matcher(text);
    int end = 0;
    while (special.find()) {
      ordinary(text.substring(end, special.start()), pieces);
      pieces.add(special.group());
      end = special.end();
    }
    ordinary(text.substring(end), pieces);
    return pieces;
  }

  private void ordinary(String text, List<String> pieces) {
    WORD.matcher(normalized(text))
        .results()
        .map(MatchResult::group)
        .forEach(word -> word(word, pieces));
  }

  /** Ordinary text as words are looked for in it. */
  String normalized(String text) {
    String clean = DROPPED.matcher(text).replaceAll("");
    clean = IDEOGRAPH.matcher(clean).replaceAll(" $0 ");
    if (lowerCase) {
      clean = Normalizer.normalize(clean, Normalizer.Form.NFD).replaceAll("\\p{Mn}", "");
      StringBuilder lower = new StringBuilder();
      // One character at a time, so that no rule looks at its neighbours.
      clean.codePoints().forEach(c -> lower.append(Character.toString(c).toLowerCase(Locale.ROOT)));
      clean = lower.toString();
    }
    return clean;
  }

  private void word(String word, List<String> pieces) {
    int[] points = word.codePoints().toArray();
    List<String> found = new ArrayList<>();
    int start = 0;
    while (start < points.length && points.length <= 100) {
      int end = points.length;
      while (end > start && !vocabulary.containsKey(piece(points, start, end))) {
        end--;
      }
      if (end == start) {
        break;
      }
      found.add(piece(points, start, end));
      start = end;
    }
    if (start == points.length) {
      pieces.addAll(found);
    } else {
      pieces.add("[UNK]");
    }
  }

  private static String piece(int[] points, int start, int end) {
    return (start == 0 ? "" : "##") + new String(points, start, end - start);
  }
}
