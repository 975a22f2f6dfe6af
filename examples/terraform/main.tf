# Functions that coldcut packs while Terraform plans: `coldcut pack --terraform` prints where each zip
# is, its digest, and the settings that go with it.

terraform {
  required_providers {
    aws      = { source = "hashicorp/aws" }
    external = { source = "hashicorp/external" }
  }
}

variable "role_arn" {
  type = string
}

data "external" "coldcut" {
  program     = ["npx", "coldcut", "pack", "--terraform"]
  working_dir = path.module
}

locals {
  packed = data.external.coldcut.result
}

resource "aws_lambda_function" "this" {
  for_each = toset(["orders", "report"])

  function_name    = each.key
  role             = var.role_arn
  filename         = local.packed["${each.key}.path"]
  source_code_hash = local.packed["${each.key}.hash"]
  handler          = local.packed["${each.key}.handler"]
  runtime          = local.packed["${each.key}.runtime"]
  architectures    = [local.packed["${each.key}.arch"]]
}
