package org.mirror4j.predict;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.device.Device;
import org.mirror4j.device.Precision;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.support.RealModels;
import org.mirror4j.support.SharedData;
import org.mirror4j.text.LineReader;
import org.mirror4j.text.mask.MaskScheme;

/** Google's cased BERT knows articles of Wikipedia, and single tokens better than spans. */
class MaskedLossOfBertTest {
  /** Chance is log 28,996 = 10.3; a model that was pretrained has 2 to 3 nats on such text. */
  private static final double PRETRAINED = 3;

  @TempDir Path folder;

  @Test
  void articlesOfWikipedia() throws IOException {
    Path model = RealModels.require("bert-base-cased");
    Path articles = SharedData.require("data/corpora/enwiki2015-longdocs-valid.txt.gz");
    Path text = folder.resolve("text.txt");
    try (LineReader lines = new LineReader(List.of(articles), 100_000)) {
      Files.write(text, List.of(lines.next(), lines.next(), lines.next(), lines.next()));
    }
    double tokens = loss(model, MaskScheme.TOKENS, text);
    assertThat(tokens).isBetween(1.0, PRETRAINED);
    assertThat(loss(model, MaskScheme.SPANS, text)).isGreaterThan(tokens + 1);
  }

  /** At 128 tokens: of one segment of 512 it makes 3.5 nats, as it does in PyTorch. */
  private static double loss(Path model, MaskScheme scheme, Path text) {
    try (Device device = new HostDevice(Runtime.getRuntime().availableProcessors());
        MaskedLoss loss =
            new MaskedLoss(
                device, model, "bert", new MaskedLoss.Options(scheme, 128, Precision.F32))) {
      return loss.of(text, _ -> {}, (_, _) -> {}).masked().loss();
    }
  }
}
