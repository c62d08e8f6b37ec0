package org.mirror4j.convert;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.mirror4j.checkpoint.ModelDirectory;
import org.mirror4j.file.FileException;
import org.mirror4j.file.TemporaryDirectory;
import org.mirror4j.text.Tokenizer;
import org.mirror4j.text.TokenizerKind;

/**
 * What belongs to an ONNX file.
 *
 * @param onnx absolute
 * @param tokenizerFile beside it: {@code NAME-tokenizer.json} for {@code NAME.onnx}, else {@code
 *     tokenizer.json}, else the one file whose name ends so
 */
record OnnxFiles(Path onnx, Path tokenizerFile) {
  private static final String TOKENIZER = "tokenizer.json";

  /**
   * Looks beside an ONNX file.
   *
   * @param onnx absolute
   * @throws FileException if there is no tokenizer, or more than one
   */
  static OnnxFiles of(Path onnx) {
    return new OnnxFiles(onnx, tokenizerBeside(onnx));
  }

  private static Path tokenizerBeside(Path onnx) {
    String name = onnx.getFileName().toString();
    String stem = name.substring(0, name.length() - ".onnx".length());
    for (String candidate : List.of(stem + "-" + TOKENIZER, TOKENIZER)) {
      if (Files.exists(onnx.resolveSibling(candidate))) {
        return onnx.resolveSibling(candidate);
      }
    }
    try (Stream<Path> siblings = Files.list(onnx.getParent())) {
      List<Path> found =
          siblings.filter(path -> path.getFileName().toString().endsWith(TOKENIZER)).toList();
      if (found.size() != 1) {
        throw new FileException(
            "%s: %d files end in %s beside it, expected one"
                .formatted(onnx, found.size(), TOKENIZER));
      }
      return found.getFirst();
    } catch (IOException e) {
      throw FileException.of(onnx.getParent(), e);
    }
  }

  /** The model directory that it lies in, where there is a {@code config.json}. */
  Optional<ModelDirectory> directory() {
    return Files.exists(onnx.resolveSibling("config.json"))
        ? Optional.of(ModelDirectory.open(onnx.getParent()))
        : Optional.empty();
  }

  /** The tokenizer, which is opened by directory: under its proper name if it has another. */
  Tokenizer tokenizer() {
    if (tokenizerFile.getFileName().toString().equals(TOKENIZER)) {
      return Tokenizer.open(tokenizerFile.getParent());
    }
    try (TemporaryDirectory directory = TemporaryDirectory.create()) {
      Files.copy(tokenizerFile, directory.path().resolve(TOKENIZER));
      return Tokenizer.open(directory.path());
    } catch (IOException e) {
      throw FileException.of(tokenizerFile + ": cannot be read", e);
    }
  }

  /**
   * A graph alone is taken for a BERT; a RoBERTa's tokenizer is of another kind.
   *
   * @throws FileException if this one is of another kind, or of none that is known
   */
  void requireWordPieces() {
    Optional<TokenizerKind> kind = TokenizerKind.ofFile(tokenizerFile);
    if (!kind.equals(Optional.of(TokenizerKind.WORD_PIECE))) {
      throw new FileException(
          "%s: %s is a tokenizer of %s, which does not tell BERT from RoBERTa, expected a"
                  .formatted(
                      onnx,
                      tokenizerFile.getFileName(),
                      kind.map(TokenizerKind::label).orElse("unknown kind"))
              + " config.json beside it");
    }
  }
}
