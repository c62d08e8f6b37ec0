package org.mirror4j.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.mirror4j.eval.TextTable;
import org.mirror4j.file.JsonFiles;
import org.mirror4j.predict.FilledText;
import org.mirror4j.predict.Mask;
import org.mirror4j.predict.MaskFiller;
import org.mirror4j.predict.MaskedText;

/** What {@code predict fill-mask} says of each text. */
final class FillMaskOutput {
  private static final String MASKED = "masked language model", SPANS = "span boundary";

  /** Stands for a token that is not predicted. */
  private static final String NONE = "-";

  private final Console console;
  private final MaskFiller filler;
  private long texts;
  private long cutTexts;
  private boolean longSpan;

  /** Nothing said yet. */
  FillMaskOutput(Console console, MaskFiller filler) {
    this.console = console;
    this.filler = filler;
  }

  /** Says what was predicted for a text. */
  void print(FilledText filled) {
    texts++;
    cutTexts += filled.text().cut() ? 1 : 0;
    boolean spans = filler.places().isPresent();
    longSpan |= spans && filled.masks().stream().anyMatch(mask -> mask.bySpanBoundary().isEmpty());
    console.result("prediction", json(filled, spans), spans ? spans(filled) : masks(filled));
  }

  /** Says what of the texts is not as it was asked for, each kind in one line. */
  void warn() {
    if (cutTexts > 0) {
      console.warning(
          "%,d of %,d texts have more than the %d tokens that the model takes: the part around their"
                  .formatted(cutTexts, texts, filler.maxLength())
              + " masks is read");
    }
    if (longSpan) {
      console.warning(
          "the span boundary objective predicts the first %d tokens of a span, and no others"
              .formatted(filler.places().orElseThrow()));
    }
  }

  private ObjectNode json(FilledText filled, boolean spans) {
    String text = filled.text().text();
    ObjectNode json = JsonFiles.object().put("text", text);
    if (filled.text().cut()) {
      json.put("cut", true);
    }
    ArrayNode masks = json.putArray("masks");
    for (Mask mask : filled.masks()) {
      ObjectNode object = masks.addObject().put("position", text.codePointCount(0, mask.start()));
      tokens(object.putArray("tokens"), mask.tokens());
      if (spans) {
        tokens(object.putArray("spanBoundary"), mask.bySpanBoundary());
      }
    }
    if (spans) {
      json.putObject("filled")
          .put("tokens", likeliest(filled, Mask::tokens))
          .put("spanBoundary", likeliest(filled, Mask::bySpanBoundary));
    }
    return json;
  }

  private static void tokens(ArrayNode json, List<Mask.Token> tokens) {
    for (Mask.Token token : tokens) {
      json.addObject()
          .put("token", token.token())
          .put("id", token.id())
          .put("probability", token.probability());
    }
  }

  /** The text with the likeliest token of each mask. */
  private String likeliest(FilledText filled, Function<Mask, List<Mask.Token>> tokens) {
    return filler.filled(
        filled.text(),
        filled.masks().stream()
            .map(tokens)
            .mapToInt(some -> some.isEmpty() ? -1 : some.getFirst().id())
            .toArray());
  }

  /** Of one mask the filled texts stand beside the tokens, of several the number of each. */
  private String masks(FilledText filled) {
    MaskedText text = filled.text();
    boolean one = filled.masks().size() == 1;
    List<List<String>> lines = new ArrayList<>();
    for (int i = 0; i < filled.masks().size(); i++) {
      for (Mask.Token token : filled.masks().get(i).tokens()) {
        lines.add(
            one
                ? List.of("", probability(token), token.token(), filler.filled(text, token.id()))
                : List.of("", String.valueOf(i + 1), probability(token), token.token()));
      }
    }
    return text.text() + '\n' + aligned(lines);
  }

  /** Both predictions of each mask side by side, and the texts that they make. */
  private String spans(FilledText filled) {
    List<List<String>> both =
        List.of(
            List.of("", MASKED, likeliest(filled, Mask::tokens)),
            List.of("", SPANS, likeliest(filled, Mask::bySpanBoundary)));
    List<List<String>> lines = new ArrayList<>();
    lines.add(List.of("", "mask", MASKED, SPANS));
    for (int i = 0; i < filled.masks().size(); i++) {
      Mask mask = filled.masks().get(i);
      for (int j = 0; j < mask.tokens().size(); j++) {
        lines.add(
            List.of(
                "",
                String.valueOf(i + 1),
                cell(mask.tokens().get(j)),
                mask.bySpanBoundary().isEmpty() ? NONE : cell(mask.bySpanBoundary().get(j))));
      }
    }
    return filled.text().text() + '\n' + aligned(both) + aligned(lines);
  }

  private static String cell(Mask.Token token) {
    return probability(token) + "  " + token.token();
  }

  private static String probability(Mask.Token token) {
    return "%.4f".formatted(token.probability());
  }

  private static String aligned(List<List<String>> lines) {
    return new TextTable(lines, lines.getFirst().size()).aligned().replaceAll("(?m) +$", "");
  }
}
