package org.mirror4j.device.ptx.report;

/**
 * Where an instruction stands.
 *
 * @param file name of the kernel file, without its folder
 * @param line line in it, from 1
 * @param instruction opcode with its modifiers: {@code ld.global.v4.f32}
 */
public record InstructionSite(String file, int line, String instruction) {
  /** {@code file:line instruction}, the beginning of every report. */
  @Override
  public String toString() {
    return file + ":" + line + " " + instruction;
  }
}
