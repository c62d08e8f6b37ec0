package org.mirror4j.eval.linking;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mentions of NCBI-disease, and made ones. */
class CompositeMentionTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1|breast and ovarian cancer|breast and ovarian cancer",
        "2|breast and ovarian cancer|breast cancer;ovarian cancer",
        "2|retinal and the pineal tumours|retinal tumours;pineal tumours",
        "2|colorectal adenomas and/or carcinoma|colorectal adenomas and/or carcinoma",
        "4|sporadic breast, brain, prostate and kidney cancer|"
            + "sporadic breast cancer;brain cancer;prostate cancer;kidney cancer",
        "3|Saethre-Chotzen, Crouzon, and Pfeiffer syndromes|"
            + "Saethre-Chotzen syndromes;Crouzon syndromes;Pfeiffer syndromes",
        "2|cancer of the breast and the ovary|cancer of breast;cancer of ovary",
        "2|cancer of both breast or ovary|cancer of breast;cancer of ovary",
        "2|familial breast/ovarian cancer|familial breast cancer;familial ovarian cancer",
        "2|breast/ovarian|breast;ovarian",
        "2|hemorrhagic cystitis|hemorrhagic;cystitis",
        "3|breast and ovarian cancer|breast and ovarian cancer",
        "2|and|and",
        "2|HITT|HITT"
      })
  void parts(int concepts, String mention, String parts) {
    assertThat(CompositeMention.parts(mention, concepts)).isEqualTo(List.of(parts.split(";")));
  }
}
