package org.mirror4j.device.operation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DropoutSiteTest {
  @Test
  void noTwoSitesHaveOneNumber() {
    List<Integer> numbers = new ArrayList<>(List.of(DropoutSite.EMBEDDING.in(0)));
    for (int layer = 0; layer < 25; layer++) {
      for (DropoutSite site : DropoutSite.values()) {
        if (site != DropoutSite.EMBEDDING) {
          numbers.add(site.in(layer));
        }
      }
    }
    assertThat(numbers).doesNotHaveDuplicates();
  }

  /** Training again with a seed gives the bits of a model that was trained before. */
  @Test
  void numbersStayWhatTheyWere() {
    assertThat(DropoutSite.EMBEDDING.in(0)).isZero();
    assertThat(DropoutSite.ATTENTION_PROBABILITIES.in(1)).isEqualTo(6);
    assertThat(DropoutSite.ATTENTION_OUTPUT.in(2)).isEqualTo(12);
    assertThat(DropoutSite.FEED_FORWARD_OUTPUT.in(3)).isEqualTo(18);
    assertThat(DropoutSite.HEADS.in(11)).isEqualTo(59);
  }
}
