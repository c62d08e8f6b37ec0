package org.mirror4j.text.mask;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mirror4j.text.TextPair;
import org.mirror4j.text.mask.TextSpanMask.Unit;

class TextSpanMaskTest {
  /** 30 different letters. */
  private static final String THIRTY = "abcdefghijklmnopqrstuvwxyzABCD";

  private static final int DRAWS = 20_000;

  @Test
  void leavesShortTextsAlone() {
    TextSpanMask five = new TextSpanMask(Unit.CHARS, 5, "[MASK]");
    String twentyNine = THIRTY.substring(1);
    String shortInCharacters = "😀".repeat(29);
    for (String text : List.of("", "abcde", twentyNine, shortInCharacters)) {
      assertThat(results(five, text, 50)).containsOnlyKeys(text);
    }
    // L = k and L < k beyond 30 characters; L = k + 1 has one place only.
    assertThat(results(new TextSpanMask(Unit.CHARS, 30, ""), THIRTY, 50)).containsOnlyKeys(THIRTY);
    assertThat(results(new TextSpanMask(Unit.CHARS, 31, ""), THIRTY, 50)).containsOnlyKeys(THIRTY);
    assertThat(results(new TextSpanMask(Unit.CHARS, 29, ""), THIRTY, 50))
        .containsOnlyKeys(" [MASK] D");
    assertThat(results(new TextSpanMask(Unit.CHARS, 0, ""), THIRTY, 50)).containsOnlyKeys(THIRTY);
  }

  @Test
  void drawsEachPlaceButTheLastEquallyOften() {
    Map<String, Integer> seen = results(new TextSpanMask(Unit.CHARS, 5, "<mask>"), THIRTY, DRAWS);
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < 25; i++) {
      expected.add(THIRTY.substring(0, i) + " [MASK] " + THIRTY.substring(i + 5));
    }
    assertThat(seen.keySet()).isEqualTo(expected);
    // Binomial with p = 1/25: mean 800, standard deviation 27.7; 6 of them are passed by chance in
    // one of 2e7 runs for all 25 places.
    assertThat(seen.values()).allMatch(count -> Math.abs(count - DRAWS / 25) < 6 * 27.8);
  }

  @Test
  void masksTheFirstOccurrence() {
    String repeated = "0123456789".repeat(3);
    Map<String, Integer> seen = results(new TextSpanMask(Unit.CHARS, 5, ""), repeated, 2000);
    Set<String> expected = new HashSet<>();
    for (int i = 0; i < 10; i++) {
      expected.add(repeated.substring(0, i) + " [MASK] " + repeated.substring(i + 5));
    }
    assertThat(seen.keySet()).isEqualTo(expected);
  }

  @Test
  void countsCodePoints() {
    String text = "😀" + THIRTY.substring(2) + "🎉";
    for (String result : results(new TextSpanMask(Unit.CHARS, 5, ""), text, 2000).keySet()) {
      assertThat(result.codePointCount(0, result.length())).isEqualTo(30 - 5 + 8);
      assertThat(result.codePoints()).noneMatch(c -> c >= 0xD800 && c < 0xE000);
      assertThat(result).endsWith("🎉");
    }
    // 😀 is D83D DE00: its second half, found from the middle of a pair on, is no occurrence.
    String lone = "x".repeat(10) + "😀" + "y".repeat(10) + "\uDE00" + "z".repeat(10);
    assertThat(results(new TextSpanMask(Unit.CHARS, 1, ""), lone, 2000).keySet())
        .contains("x".repeat(10) + "😀" + "y".repeat(10) + " [MASK] " + "z".repeat(10))
        .allMatch(result -> result.contains("\uDE00") || result.contains("😀"));
  }

  @Test
  void keepsTheSpacesAroundACharacterSpan() {
    String text = "aaaa bbbbb cccc dddd eeee ffff gggg";
    assertThat(results(new TextSpanMask(Unit.CHARS, 5, ""), text, 2000).keySet())
        .contains("aaaa  [MASK]  cccc dddd eeee ffff gggg");
  }

  @Test
  void masksOnlyTheRightTextByCharacters() {
    TextSpanMask mask = new TextSpanMask(Unit.CHARS, 5, "");
    for (int item = 0; item < 50; item++) {
      TextPair pair = mask.apply(new TextPair(THIRTY, THIRTY), 1, 0, item);
      assertThat(pair.left()).isEqualTo(THIRTY);
      assertThat(pair.right()).contains(" [MASK] ");
    }
  }

  @Test
  void masksWholeWordsOnEitherSide() {
    TextSpanMask mask = new TextSpanMask(Unit.WORD, 5, "<mask>");
    String text = " a bc\u00A0defghi  jk l ";
    // Spans of at least 5 characters: "a bc\u00A0defghi", "bc\u00A0defghi", "defghi"; from jk on
    // there are but 4.
    Set<String> expected = Set.of(" <mask>  jk l ", " a <mask>  jk l ", " a bc\u00A0<mask>  jk l ");
    Map<String, Integer> lefts = new HashMap<>();
    Map<String, Integer> rights = new HashMap<>();
    for (int item = 0; item < DRAWS; item++) {
      TextPair pair = mask.apply(new TextPair(text, text), 7, 3, item);
      assertThat(pair.left().equals(text)).isNotEqualTo(pair.right().equals(text));
      (pair.left().equals(text) ? rights : lefts)
          .merge(pair.left().equals(text) ? pair.right() : pair.left(), 1, Integer::sum);
    }
    assertThat(lefts.keySet()).isEqualTo(expected);
    assertThat(rights.keySet()).isEqualTo(expected);
    // Binomial with p = 1/6: mean 3333, standard deviation 52.7.
    assertThat(lefts.values()).allMatch(count -> Math.abs(count - DRAWS / 6) < 6 * 52.8);
    assertThat(rights.values()).allMatch(count -> Math.abs(count - DRAWS / 6) < 6 * 52.8);
  }

  @Test
  void neverMasksAWholeTextByWords() {
    TextSpanMask mask = new TextSpanMask(Unit.WORD, 5, "[MASK]");
    for (String text : List.of("", "  ", "wonderful", " wonderful ", "ab cd", "ab c d")) {
      assertThat(results(mask, text, 50)).as(text).containsOnlyKeys(text);
    }
    assertThat(results(mask, "a sentence", 200)).containsOnlyKeys("a [MASK]", "a sentence");
    assertThat(results(mask, "ab cd e", 200)).containsOnlyKeys("[MASK] e", "ab cd e");
    assertThat(results(new TextSpanMask(Unit.WORD, 2, "[MASK]"), "😀😀 😀", 200))
        .containsOnlyKeys("[MASK] 😀", "😀😀 😀");
  }

  @Test
  void dependsOnSeedEpochAndItemAlone() {
    TextSpanMask mask = new TextSpanMask(Unit.CHARS, 5, "");
    TextPair pair = new TextPair(THIRTY, THIRTY);
    assertThat(mask.apply(pair, 42, 1, 9)).isEqualTo(mask.apply(pair, 42, 1, 9));
    Set<List<TextPair>> sequences = new HashSet<>();
    for (long seed : new long[] {0, 1, 1L << 32, -1}) {
      for (int epoch = 0; epoch < 3; epoch++) {
        int fixed = epoch;
        sequences.add(
            IntStream.range(0, 20).mapToObj(item -> mask.apply(pair, seed, fixed, item)).toList());
      }
    }
    // Two of them agree by chance with probability 25^-20.
    assertThat(sequences).hasSize(12);
  }

  @Test
  void refusesANegativeLength() {
    assertThatThrownBy(() -> new TextSpanMask(Unit.CHARS, -1, ""))
        .hasMessage("random span mask is -1 characters, expected at least 0");
  }

  /** How often each right text came out. */
  private static Map<String, Integer> results(TextSpanMask mask, String text, int draws) {
    Map<String, Integer> seen = new HashMap<>();
    for (int item = 0; item < draws; item++) {
      seen.merge(mask.apply(new TextPair(text, text), 42, 0, item).right(), 1, Integer::sum);
    }
    return seen;
  }
}
