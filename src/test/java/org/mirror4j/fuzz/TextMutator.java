package org.mirror4j.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Lines, words and numbers of a text. */
final class TextMutator implements Mutator {
  private static final Pattern NUMBER = Pattern.compile("\\d+(?:\\.\\d+)?");
  private static final Pattern WORD = Pattern.compile("[\\w%.#]+");

  private static final List<String> STRANGE =
      List.of(
          "\0",
          "\u001b[31m",
          "\u202e",
          "\u2028",
          "\ufeff",
          "\u0085",
          "\r",
          "\t\t",
          "\"",
          "\ud83d\ude00",
          "e\u0301",
          "\uffff",
          "null",
          "NaN",
          "Infinity",
          "1e999",
          "-0",
          "%s%n",
          "../../..",
          "||");

  private static final List<String> NUMBERS =
      List.of(
          "0",
          "-1",
          "1",
          "255",
          "65536",
          "2147483647",
          "2147483648",
          "4294967296",
          "9223372036854775807",
          "9223372036854775808",
          "99999999999999999999999999",
          "0x7fffffff",
          "1e308",
          "-9223372036854775808");

  private final List<String> words;

  /**
   * Also puts words of a format where they do not belong.
   *
   * @param words of the format
   */
  TextMutator(String... words) {
    this.words = List.of(words);
  }

  @Override
  public byte[] mutate(byte[] content, byte[] other, SplittableRandom random) {
    String text = new String(content, StandardCharsets.UTF_8);
    String changed =
        switch (random.nextInt(words.isEmpty() ? 6 : 7)) {
          case 0, 1 -> lines(text, new String(other, StandardCharsets.UTF_8), random);
          case 2 -> replace(NUMBER, text, pick(NUMBERS, random), random);
          case 3 -> replace(WORD, text, word(text, random), random);
          case 4 -> insert(text, pick(STRANGE, random), random);
          case 5 -> insert(text, repeated(random), random);
          default -> insert(text, pick(words, random), random);
        };
    return changed.getBytes(StandardCharsets.UTF_8);
  }

  private static String pick(List<String> list, SplittableRandom random) {
    return list.get(random.nextInt(list.size()));
  }

  private static String repeated(SplittableRandom random) {
    String one = pick(List.of("a", "(", "[", "{", "-", " ", "\n", "9", "a b ", "\\"), random);
    return one.repeat(1 << random.nextInt(4, 15));
  }

  private static String insert(String text, String inserted, SplittableRandom random) {
    int at = random.nextInt(text.length() + 1);
    return text.substring(0, at) + inserted + text.substring(at);
  }

  private static String word(String text, SplittableRandom random) {
    List<MatchResult> found = WORD.matcher(text).results().toList();
    return found.isEmpty() ? "" : found.get(random.nextInt(found.size())).group();
  }

  private static String replace(Pattern pattern, String text, String by, SplittableRandom random) {
    List<MatchResult> found = pattern.matcher(text).results().toList();
    if (found.isEmpty()) {
      return insert(text, by, random);
    }
    MatchResult one = found.get(random.nextInt(found.size()));
    return text.substring(0, one.start()) + by + text.substring(one.end());
  }

  private static String lines(String text, String other, SplittableRandom random) {
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    int at = random.nextInt(lines.size());
    switch (random.nextInt(4)) {
      case 0 -> lines.remove(at);
      case 1 -> lines.add(at, lines.get(random.nextInt(lines.size())));
      case 2 -> {
        int with = random.nextInt(lines.size());
        lines.set(at, lines.set(with, lines.get(at)));
      }
      default -> lines.add(at, pick(List.of(other.split("\n", -1)), random));
    }
    return String.join("\n", lines);
  }
}
