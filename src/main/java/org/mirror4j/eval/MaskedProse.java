package org.mirror4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.mirror4j.device.Device;
import org.mirror4j.file.FileException;
import org.mirror4j.predict.MaskedLoss;
import org.mirror4j.text.TextLines;
import org.mirror4j.text.block.BlockReader;
import org.mirror4j.text.mask.MaskScheme;

/**
 * Prose whose masked tokens are to be predicted, which is read as it is measured and never held.
 *
 * @param scheme what is masked together
 */
record MaskedProse(Path file, MaskScheme scheme) implements TaskData {
  /**
   * Looks through a file: a paragraph a line, an empty line between documents.
   *
   * @param notices is told what is worth knowing of the file
   * @throws org.mirror4j.text.TextException if the file is absent, empty, not UTF-8 or has a line
   *     that blocks are not made of whole
   * @throws FileException if it cannot be read
   * @throws IllegalArgumentException if there is no text in it
   */
  static MaskedProse read(Path file, MaskScheme scheme, Consumer<String> notices) {
    boolean[] any = {false};
    TextLines.each(
        file, BlockReader.LINE_CHARACTERS, notices, (number, line) -> any[0] |= !line.isBlank());
    if (!any[0]) {
      throw new IllegalArgumentException(file + ": no texts");
    }
    return new MaskedProse(file, scheme);
  }

  /** None: it is read in blocks of tokens. */
  @Override
  public List<String> texts() {
    return List.of();
  }

  @Override
  public void require(Path model, String name) {
    MaskedLoss.require(model, name);
  }

  /** The loss of each head that the model has; items are the tokens that it predicts. */
  @Override
  public List<Measurement> measure(String task, Device device, MeasuredEncoder encoder) {
    MaskedLoss.Result loss = encoder.maskedLoss(file, scheme);
    List<Measurement> measurements = new ArrayList<>();
    measurements.add(
        measurement(task, Measurement.Measure.MASKED_LOSS, loss.masked(), "no token is masked"));
    loss.spanBoundary()
        .ifPresent(
            mean ->
                measurements.add(
                    measurement(
                        task,
                        Measurement.Measure.SPAN_BOUNDARY_LOSS,
                        mean,
                        "no span has text on both sides")));
    return measurements;
  }

  /**
   * A mean.
   *
   * @param nothing why it is not defined where it is of nothing
   */
  private static Measurement measurement(
      String task, Measurement.Measure measure, MaskedLoss.Mean mean, String nothing) {
    Measurement measurement =
        new Measurement(task, measure, mean.loss(), Math.toIntExact(mean.predictions()), 0);
    return mean.predictions() == 0 ? measurement.withRemark(nothing) : measurement;
  }
}
