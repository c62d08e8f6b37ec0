package org.mirror4j.bert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.support.MemoryTensors;
import org.mirror4j.support.SmallModel;

/** Through the door that every command takes. */
class FamilyWitnessesTest {
  @TempDir Path directory;

  private BertConfig read(String modelType, String architecture, String prefix, String tokenizer)
      throws IOException {
    BertConfig config = SmallModel.config(BertConfig.Family.ROBERTA, 20, 6, 1, GeluForm.ERF);
    ObjectNode json = config.toJson(false);
    json.remove("model_type");
    json.remove("architectures");
    if (modelType != null) {
      json.put("model_type", modelType);
    }
    if (architecture != null) {
      json.putArray("architectures").add(architecture);
    }
    Files.write(directory.resolve("config.json"), JsonFiles.bytes(json));
    if (tokenizer != null) {
      for (String file : tokenizer.split(" ")) {
        Files.writeString(directory.resolve(file), "{\"model\":{\"type\":\"Unigram\"}}");
      }
    }
    String modules = prefix == null ? "" : prefix;
    return BertConfig.of(
        ModelDirectory.open(directory), MemoryTensors.of(config, name -> modules + name));
  }

  @ParameterizedTest
  @CsvSource({
    // One witness is enough, whichever it is.
    "roberta, , , , ROBERTA",
    ", RobertaForMaskedLM, , , ROBERTA",
    ", XLMRobertaModel, , , ROBERTA",
    ", , roberta., , ROBERTA",
    ", , , vocab.json merges.txt, ROBERTA",
    ", , , tokenizer.json, ROBERTA",
    ", , , vocab.txt, BERT",
    ", , module.bert., , BERT",
    ", BertForCL, , vocab.txt, BERT",
    // The RoBERTa of 2019.
    ", RobertaForMaskedLM, roberta., vocab.json merges.txt, ROBERTA",
    // Classes of others say nothing.
    "bert, Contriever, , vocab.txt, BERT",
    // RoBERTas over word pieces (klue/roberta-base), BERTs over merged pairs (herbert-base-cased).
    "roberta, RobertaModel, , vocab.txt, ROBERTA",
    "bert, , bert., vocab.json merges.txt, BERT",
    "camembert, CamembertForMaskedLM, roberta., tokenizer.json, ROBERTA"
  })
  void witnessesThatAgree(
      String modelType, String architecture, String prefix, String tokenizer, BertConfig.Family is)
      throws IOException {
    BertConfig config = read(modelType, architecture, prefix, tokenizer);
    assertThat(config.family()).isEqualTo(is);
    assertThat(config.positionOffset()).isEqualTo(is == BertConfig.Family.BERT ? 0 : 2);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "bert | RobertaModel | | vocab.txt | model_type 'bert' says bert, architectures"
            + " 'RobertaModel' says roberta, a tokenizer of WordPiece says bert",
        "roberta | RobertaModel | bert. | | model_type 'roberta' says roberta, architectures"
            + " 'RobertaModel' says roberta, tensors 'bert.*' says bert",
        "bert | | | vocab.json | model_type 'bert' says bert, a tokenizer of BPE says roberta",
        " | | roberta. | vocab.txt | tensors 'roberta.*' says roberta, a tokenizer of WordPiece"
            + " says bert"
      })
  void witnessesThatContradictEachOther(
      String modelType, String architecture, String prefix, String tokenizer, String said) {
    assertThatThrownBy(() -> read(modelType, architecture, prefix, tokenizer))
        .isInstanceOf(FileException.class)
        .hasMessage(
            directory.resolve("config.json") + ": " + said + ": expected one family for all");
  }

  @Test
  void noWitness() {
    assertThatThrownBy(() -> read(null, null, null, null))
        .isInstanceOf(FileException.class)
        .hasMessage(
            directory.resolve("config.json")
                + ": model_type is missing, and nothing else tells BERT from RoBERTa"
                + " (architectures, names of tensors, tokenizer)");
  }
}
