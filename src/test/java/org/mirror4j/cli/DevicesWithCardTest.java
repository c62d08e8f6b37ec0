package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.mirror4j.device.cuda.StandInCard;

/** What {@code devices} shows where a card is. */
@Tag("stand-in")
class DevicesWithCardTest {
  @Test
  void theCardItsDriverAndCublasAreShown() {
    StandInCard.install();
    assertThat(CommandRun.done("devices").out())
        .containsPattern(
            "(?m)^cuda +usable: card 0, cuBLAS 12\\.6\\.4 \\(/.*libcublas\\.so\\.12\\)$")
        .containsPattern("(?m)^driver +CUDA 12\\.6 \\(/.*libcuda\\.so\\.1\\)$")
        .containsPattern("(?m)^card 0 +Stand-in 2080, compute capability 7\\.5, 0\\.3 GiB$");
  }
}
