package org.mirror4j.cli;

import java.util.List;
import org.mirror4j.file.JsonRecords;
import org.mirror4j.text.Spelling;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Constants by the names that options and files use: lower case, words parted by hyphens. */
final class Labels<E extends Enum<?>> implements ITypeConverter<E> {
  private final List<E> constants;

  Labels(List<E> constants) {
    this.constants = constants;
  }

  @Override
  public E convert(String label) {
    return constants.stream()
        .filter(constant -> JsonRecords.label(constant).equals(label))
        .findFirst()
        .orElseThrow(() -> unknown(label));
  }

  private TypeConversionException unknown(String label) {
    List<String> known = constants.stream().map(JsonRecords::label).toList();
    return new TypeConversionException(
        "'%s', expected %s%s"
            .formatted(label, String.join(", ", known), Spelling.hint(label, known)));
  }
}
