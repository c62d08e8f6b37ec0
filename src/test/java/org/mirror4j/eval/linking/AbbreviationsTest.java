package org.mirror4j.eval.linking;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AbbreviationsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Patients with Wilson disease (WD) were seen.|WD|Wilson disease",
        "the heat shock transcription factor (HSF) is|HSF|heat shock transcription factor",
        "of adenomatous polyposis coli [APC] tumours|APC tumours|adenomatous polyposis coli"
            + " tumours",
        "breast cancer (BC; 3 %) and|BC|breast cancer",
        "in breast cancer (BC) and ovarian cancer (OC)|BC/OC, twice|breast cancer/ovarian cancer,"
            + " twice",
        "glucose-6-phosphate dehydrogenase (G6PD) and|G6PD|glucose-6-phosphate dehydrogenase",
        // An abbreviation within a long form.
        "androgen receptor (AR), the AR gene mutation (AGM)|AGM|androgen receptor gene mutation",
        // The first character starts a word.
        "the polymorphic (OM) region|OM|OM",
        // Not all characters are there; not a short form; nothing before.
        "breast cancer (XQ) and|XQ|XQ",
        "the disease (which was severe here) and|which|which",
        "(WD) is|WD|WD",
        "Wilson disease (7) and|7|7"
      })
  void whatATextExplains(String text, String mention, String expanded) {
    assertThat(Abbreviations.of(text).expand(mention)).isEqualTo(expanded);
  }

  @Test
  void aFormWithinItselfEnds() {
    // Each is in the other's long form.
    Abbreviations found = Abbreviations.of("big BB area (BA) and big BA box (BB)");
    assertThat(found.expand("BA")).isEqualTo("BA box area");
  }
}
