package org.mirror4j.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.Properties;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.Extension;

class SkipReasonsTest {
  @Test
  void areOneLineATest() {
    assertThat(SkipReasons.line("CardTest", Optional.of("adds"), "no card:\n  no driver"))
        .isEqualTo("skipped: CardTest.adds: no card: no driver");
    assertThat(SkipReasons.line("CardTest", Optional.empty(), "no card"))
        .isEqualTo("skipped: CardTest: no card");
  }

  /** Without either of these nothing is printed, and nobody misses it. */
  @Test
  void areRegisteredForEveryTest() throws IOException {
    assertThat(ServiceLoader.load(Extension.class)).hasAtLeastOneElementOfType(SkipReasons.class);
    Properties platform = new Properties();
    try (InputStream file = getClass().getResourceAsStream("/junit-platform.properties")) {
      platform.load(file);
    }
    assertThat(platform).containsEntry("junit.jupiter.extensions.autodetection.enabled", "true");
  }
}
