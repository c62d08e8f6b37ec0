package org.mirror4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ConsoleListenerTest {
  /**
   * Whoever asks to stop waits for the end of a step or of what comes before it goes on only where
   * one is being done or gone on with.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aStopIsHeardWhileARunDoesSteps(boolean json) {
    PrintWriter said = new PrintWriter(new StringWriter());
    try (ConsoleListener listener = ConsoleListener.of(new Console(said, said, json), "train")) {
      assertThat(listener.requestStop()).isFalse();
      for (int run = 0; run < 2; run++) {
        assertThat(listener.hasFinished()).isEqualTo(run > 0);
        if (run == 1) {
          listener.resuming(1);
          assertThat(listener.requestStop()).isTrue();
        }
        listener.started(run + 1, 3);
        assertThat(listener.requestStop()).isTrue();
        listener.finished();
        assertThat(listener.requestStop()).isFalse();
      }
      assertThat(listener.stopRequested()).isTrue();
    }
  }
}
