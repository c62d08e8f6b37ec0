package org.mirror4j.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.device.operation.GeluForm;
import org.mirror4j.file.FileException;
import org.mirror4j.file.JsonFiles;

/**
 * The configuration of a TensorFlow checkpoint of BERT: what {@code bert_config.json} says, which
 * has the keys of transformers but no {@code model_type}; or, where that is missing, what the
 * shapes of the weights say. They do not say the number of heads: those of all of Google's BERTs,
 * from two layers of width 128 to 24 of 1024, have 64 elements each.
 *
 * @param json what {@code config.json} is made of
 * @param notes what a user should know of how it was found, a line each
 */
record TensorFlowArchitecture(BertConfig config, ObjectNode json, List<String> notes) {
  private static final int HEAD_SIZE = 64;

  /** A constant in Google's code, and the default in transformers. */
  private static final float LAYER_NORM_EPS = 1e-12f;

  /**
   * Reads or derives it.
   *
   * @param heads what the user says, for a model without a configuration
   * @throws FileException naming the key or tensor, what was found and what was expected
   */
  static TensorFlowArchitecture of(TensorFlowFiles files, TensorSource weights, OptionalInt heads) {
    Optional<Path> file = files.config();
    return file.isPresent() ? read(file.get()) : derive(weights, heads);
  }

  private static TensorFlowArchitecture read(Path file) {
    ObjectNode json = JsonFiles.readObject(file);
    if (!json.hasNonNull("model_type")) {
      json.put("model_type", "bert"); // as the names of the variables say
    }
    try {
      BertConfig config = BertConfig.parse(json);
      if (config.family() != BertConfig.Family.BERT) {
        throw new IllegalArgumentException(
            "config: is of a RoBERTa, expected of a BERT, as the names of the variables say");
      }
      return new TensorFlowArchitecture(config, json, List.of());
    } catch (IllegalArgumentException e) {
      throw new FileException(file + e.getMessage().replaceFirst("^config", ""), e);
    }
  }

  private static TensorFlowArchitecture derive(TensorSource weights, OptionalInt heads) {
    EncoderSizes sizes = EncoderSizes.of(weights);
    if (heads.isEmpty() && sizes.hiddenSize() % HEAD_SIZE != 0) {
      throw new FileException(
          "%s: hidden size is %d, expected a multiple of %d, a bert_config.json or the number of"
                  .formatted(weights.file(), sizes.hiddenSize(), HEAD_SIZE)
              + " attention heads");
    }
    int headCount = heads.orElse(sizes.hiddenSize() / HEAD_SIZE);
    BertConfig config = sizes.bert(weights.file(), headCount, LAYER_NORM_EPS, GeluForm.ERF);
    List<String> notes =
        heads.isPresent()
            ? List.of()
            : List.of(
                "no bert_config.json: sizes from the shapes of the weights, %d attention heads of %d"
                        .formatted(headCount, HEAD_SIZE)
                    + " elements as in all of Google's BERTs");
    return new TensorFlowArchitecture(config, config.toJson(false), notes);
  }
}
