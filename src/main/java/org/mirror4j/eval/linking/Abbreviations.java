package org.mirror4j.eval.linking;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The abbreviations that a text explains, as {@code breast cancer (BC)}, found by the rules of
 * Schwartz and Hearst (2003): a short form in brackets behind its long form, whose characters are
 * those of the short form, from the last to the first, the first one at the start of a word.
 */
final class Abbreviations {
  private static final Pattern BRACKETS = Pattern.compile("[(\\[]([^()\\[\\]]+)[)\\]]");
  private static final Pattern BLANKS = Pattern.compile("\\s+");
  private static final int SHORTEST = 2;
  private static final int LONGEST = 10;

  /** What is looked at before a bracket, in characters. */
  private static final int BEFORE = 300;

  private final Map<String, String> longForms = new HashMap<>();

  private Abbreviations() {}

  /** Those of a text. */
  static Abbreviations of(String text) {
    Abbreviations found = new Abbreviations();
    Matcher brackets = BRACKETS.matcher(text);
    while (brackets.find()) {
      String shortForm = brackets.group(1).split("[;,]", 2)[0].strip();
      String before = text.substring(Math.max(0, brackets.start() - BEFORE), brackets.start());
      if (isShortForm(shortForm)) {
        longForm(shortForm, before)
            .ifPresent(longForm -> found.longForms.putIfAbsent(shortForm, longForm));
      }
    }
    return found;
  }

  private static boolean isShortForm(String text) {
    return text.length() >= SHORTEST
        && text.length() <= LONGEST
        && BLANKS.split(text).length <= 2
        && Character.isLetterOrDigit(text.charAt(0))
        && text.chars().anyMatch(Character::isLetter);
  }

  /** Of at most min(|A| + 5, 2 |A|) words, |A| being the length of the short form. */
  private static Optional<String> longForm(String shortForm, String before) {
    String[] words = BLANKS.split(before.strip());
    int most = Math.min(shortForm.length() + 5, 2 * shortForm.length());
    String candidate =
        Stream.of(words).skip(Math.max(0, words.length - most)).collect(Collectors.joining(" "));
    int at = candidate.length();
    for (int i = shortForm.length() - 1; i >= 0; i--) {
      char wanted = Character.toLowerCase(shortForm.charAt(i));
      if (!Character.isLetterOrDigit(wanted)) {
        continue;
      }
      do {
        at--;
      } while (at >= 0
          && (Character.toLowerCase(candidate.charAt(at)) != wanted
              || i == 0 && at > 0 && Character.isLetterOrDigit(candidate.charAt(at - 1))));
      if (at < 0) {
        return Optional.empty();
      }
    }
    String longForm = candidate.substring(at);
    boolean repeats = Stream.of(BLANKS.split(longForm)).anyMatch(shortForm::equals);
    return repeats || longForm.length() <= shortForm.length()
        ? Optional.empty()
        : Optional.of(longForm);
  }

  /** A mention with its abbreviations written out, those of long forms too. */
  String expand(String mention) {
    return expand(mention, Set.of());
  }

  private String expand(String text, Set<String> within) {
    return BLANKS
        .splitAsStream(text.strip())
        .map(
            word ->
                Stream.of(word.split("(?<=/)|(?=/)|(?=,$)"))
                    .map(piece -> written(piece, within))
                    .collect(Collectors.joining()))
        .collect(Collectors.joining(" "));
  }

  private String written(String word, Set<String> within) {
    String longForm = longForms.get(word);
    if (longForm == null || within.contains(word)) {
      return word;
    }
    Set<String> inner = new HashSet<>(within);
    inner.add(word);
    return expand(longForm, inner);
  }
}
