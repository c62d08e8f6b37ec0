package org.mirror4j.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpellingTest {
  @ParameterizedTest
  @CsvSource({
    "'', '', 0",
    "abc, abc, 0",
    "abc, ABC, 0",
    "abc, abd, 1",
    "abc, ab, 1",
    "abc, acb, 1",
    "'', abc, 3",
    "kitten, sitting, 3",
    "ca, abc, 3"
  })
  void editsAreCounted(String first, String second, int edits) {
    assertThat(Spelling.edits(first, second)).isEqualTo(edits);
    assertThat(Spelling.edits(second, first)).isEqualTo(edits);
  }

  @Test
  void onlyWhatIsCloseIsOffered() {
    List<String> known = List.of("cpu", "cuda", "sentence", "sentences", "word");
    assertThat(Spelling.closest("sentance", known)).contains("sentence");
    assertThat(Spelling.closest("cdua", known)).contains("cuda");
    assertThat(Spelling.closest("stbs", List.of("sts", "stsb"))).contains("stsb");
    // Another device, not a slip.
    assertThat(Spelling.closest("gpu", known)).isEmpty();
    assertThat(Spelling.closest("biomedical", known)).isEmpty();
    assertThat(Spelling.hint("wrod", known)).isEqualTo("; did you mean word?");
    assertThat(Spelling.hint("x", known)).isEmpty();
  }
}
