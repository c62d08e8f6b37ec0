package org.mirror4j.task.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerTextTest {
  /** One rounding of a number up to 1. */
  private static final double ROUNDING = 1e-15;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          The Denver   Broncos!      | denver broncos
          an apple, a day            | apple day
          ~~                         | ~~
          ~ \t\n ~                   | ~~
          The                        | ~~
          a.n                        | ~~
          U.S.                       | us
          $1,000.50                  | 100050
          rock 'n' roll              | rock n roll
          state-of-the-art           | stateoftheart
          The Theatre of an Ant      | theatre of ant
          a_b                        | ab
          """)
  void caseArticlesPunctuationAndBlanksDoNotCount(String text, String expected) {
    assertThat(AnswerText.normalized(text)).isEqualTo(expected);
  }

  /** As Python's patterns and blanks have it, on which the official scripts stand. */
  @Test
  void otherScripts() {
    // Dashes and quotation marks beyond ASCII stay, and words end at them.
    assertThat(AnswerText.normalized("31\u201324")).isEqualTo("31\u201324");
    assertThat(AnswerText.normalized("\u201cThe\u201d end")).isEqualTo("\u201c \u201d end");
    // No-break, narrow, ideographic blanks, a line separator, and no blank of zero width.
    assertThat(AnswerText.normalized("x\u00a0y\u202fz\u3000u\u2028v\u0085w\u200bq"))
        .isEqualTo("x y z u v w\u200bq");
    // A letter of another script makes another word of an article, a mark upon it does not.
    assertThat(AnswerText.normalized("a\u0436 the\u4e2d")).isEqualTo("a\u0436 the\u4e2d");
    assertThat(AnswerText.normalized("a\u0301")).isEqualTo("\u0301");
    // Numbers of all kinds are of the word: a superscript, a Roman and an Arabic one.
    assertThat(AnswerText.normalized("a\u00b2 a\u2167 a\u0663"))
        .isEqualTo("a\u00b2 a\u2177 a\u0663");
    // A letter beyond 16 bits.
    assertThat(AnswerText.normalized("a\ud801\udc00")).isEqualTo("a\ud801\udc28");
  }

  @Test
  void sigmaAtTheEndOfAWord() {
    assertThat(LowerCase.of("\u039f\u03a3 \u03a3\u039f\u03a3."))
        .isEqualTo("\u03bf\u03c2 \u03c3\u03bf\u03c2.");
    // No cased letter before it, or one behind a mark or an apostrophe.
    assertThat(LowerCase.of("\u03a3")).isEqualTo("\u03c3");
    assertThat(LowerCase.of("4\u03a3")).isEqualTo("4\u03c3");
    assertThat(LowerCase.of("\u039f\u03a3\u0301\u039f")).isEqualTo("\u03bf\u03c3\u0301\u03bf");
    assertThat(LowerCase.of("\u039f'\u03a3")).isEqualTo("\u03bf'\u03c2");
    assertThat(LowerCase.of("\ud801\udc00\u03a3")).isEqualTo("\ud801\udc28\u03c2");
    assertThat(LowerCase.of("\u0130I")).isEqualTo("i\u0307i");
  }

  @Test
  void commonWordsCountAsOftenAsBothHaveThem() {
    // 2 of 3 and 2 of 4 words: 2 * 2/3 * 1/2 / (2/3 + 1/2) = 4/7.
    assertThat(AnswerText.f1(List.of("x", "x", "y"), List.of("x", "z", "y", "z")))
        .isCloseTo(4.0 / 7, within(ROUNDING));
    // Once, as often as the other has it.
    assertThat(AnswerText.f1(List.of("x", "x"), List.of("x"))).isCloseTo(2.0 / 3, within(ROUNDING));
    assertThat(AnswerText.f1(List.of("x"), List.of("y"))).isZero();
    assertThat(AnswerText.f1(List.of(), List.of())).isZero();
    assertThat(AnswerText.f1(List.of(), List.of("y"))).isZero();
  }
}
