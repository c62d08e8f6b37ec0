package org.mirror4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.bert.BertModel;
import org.mirror4j.bert.Pooling;
import org.mirror4j.bert.TextEncoder;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.SafeTensors;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.support.RealModels;
import org.mirror4j.support.SharedData;
import org.mirror4j.tensor.Workspace;
import org.mirror4j.text.Tokenizer;

/** Figures of papers on the weights that they were measured on. */
class PublishedFiguresTest {
  /** BERT-flow (Li et al. 2020), table 2: STS-B test, untuned BERT-base, texts of 64 tokens. */
  @ParameterizedTest
  @CsvSource({"FIRST_LAST_AVG, 59.04", "MEAN, 47.29"})
  void sentenceSimilarityOfBert(Pooling pooling, double published) {
    Path directory = RealModels.require("bert-base-uncased");
    Path pairs = SharedData.require("data/sts/joined/stsb.test.tsv");
    ModelDirectory model = ModelDirectory.open(directory);
    try (Device device = new HostDevice(Runtime.getRuntime().availableProcessors());
        Workspace workspace = new Workspace(device);
        Tokenizer tokenizer = Tokenizer.open(directory);
        SafeTensors weights = model.weights()) {
      BertModel bert = BertModel.load(device, workspace, BertConfig.parse(model.config()), weights);
      try (TextEncoder encoder = new TextEncoder(device, bert, tokenizer, pooling, 64, 64)) {
        SimilarityEvaluation.Result result =
            SimilarityEvaluation.evaluate(
                (texts, vectors) -> Arrays.asList(encoder.encode(texts)).forEach(vectors),
                ScoredPairs.read(pairs, PairFormat.STS));
        assertThat(result.pairs()).isEqualTo(1379);
        // The two digits that are printed.
        assertThat(result.spearman()).isCloseTo(published, within(0.006));
      }
    }
  }
}
