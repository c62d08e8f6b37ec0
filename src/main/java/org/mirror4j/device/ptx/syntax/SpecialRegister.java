package org.mirror4j.device.ptx.syntax;

import java.util.Locale;

/** The read-only registers of 32 bits that tell a thread its place (ISA 10). */
public enum SpecialRegister {
  TID_X,
  TID_Y,
  TID_Z,
  NTID_X,
  NTID_Y,
  NTID_Z,
  CTAID_X,
  CTAID_Y,
  CTAID_Z,
  NCTAID_X,
  NCTAID_Y,
  NCTAID_Z,
  LANEID,
  WARPID,
  NWARPID,
  LANEMASK_EQ,
  LANEMASK_LE,
  LANEMASK_LT,
  LANEMASK_GE,
  LANEMASK_GT,
  TOTAL_SMEM_SIZE,
  DYNAMIC_SMEM_SIZE;

  /**
   * The register of a name such as {@code %tid.x}.
   *
   * @return null if it is not known
   */
  public static SpecialRegister named(String name) {
    for (SpecialRegister register : values()) {
      if (register.toString().equals(name)) {
        return register;
      }
    }
    return null;
  }

  @Override
  public String toString() {
    String text = "%" + name().toLowerCase(Locale.ROOT);
    boolean dimension = name().indexOf("ID_") > 0;
    return dimension ? text.replace('_', '.') : text;
  }
}
