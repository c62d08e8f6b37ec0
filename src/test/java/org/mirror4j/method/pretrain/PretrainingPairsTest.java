package org.mirror4j.method.pretrain;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.device.Device;
import org.mirror4j.device.host.HostDevice;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.objective.PretrainingHeads;
import org.mirror4j.reference.ReferenceParameters;
import org.mirror4j.support.SmallModel;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.train.RunOptions;
import org.mirror4j.train.TinyRun;

class PretrainingPairsTest {
  @TempDir Path folder;

  /** A RoBERTa that has BERT's tokenizer, as there are. */
  @Test
  void aModelOfOneTypeOfTokensReadsNoPairsOfTwo() {
    BertConfig config =
        new BertConfig(
            BertConfig.Family.ROBERTA,
            TinyRun.vocabulary().size(),
            24,
            1,
            3,
            40,
            SmallModel.LENGTH,
            1,
            1e-5f,
            GeluForm.ERF,
            0.02f,
            0);
    Path model = folder.resolve("model");
    try (Tokenizer tokenizer = Tokenizer.wordPiece(TinyRun.vocabulary(), true)) {
      SmallModel.write(
          model,
          config,
          ReferenceParameters.random(SmallModel.reference(config), 5),
          tokenizer,
          ModelSettings.NONE,
          PretrainingHeads.MASKED.blocks(config));
    }
    Path corpus = TinyRun.write(folder.resolve("corpus"), TinyRun.documents(60, 9));
    Pretraining method =
        new Pretraining(
            List.of(corpus),
            Optional.empty(),
            new PretrainingStart.Model(model, "model"),
            "test",
            TinyRun.pretrainingSettings(1).with(Map.of("objective", Objective.MLM_NSP)));
    try (Device device = new HostDevice(1)) {
      assertThatThrownBy(
              () ->
                  TinyRun.run(
                      device,
                      method,
                      folder.resolve("out"),
                      new RunOptions(1000, false, false),
                      new TinyRun.Recorder()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage(
              "the tokenizer gives the second text of a pair the token type 1, expected less than"
                  + " the model's type_vocab_size of 1");
    }
  }
}
